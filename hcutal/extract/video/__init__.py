"""I3D features of videos: container and decoder, frames at a constant rate, optical flow, network and weights.

In the order of the data: `container`, `decode` with its `clock`, `picture`, `snippets`, `flow`, `i3d_network`
with its `weights` (`fetch`, `convert`); `i3d_extractor` puts them together.
"""
