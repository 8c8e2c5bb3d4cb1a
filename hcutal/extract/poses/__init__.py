"""Poses of animals and people, as the tools that find them write them.

`tracked` is what a file says, `deeplabcut`, `sleap` and `people` read it, `linking` follows people whom a tool did not;
`pose_frames` makes rows of numbers of it, and `pose_extractor` features of these.
"""
