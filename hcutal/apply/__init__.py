"""A trained run applied to new recordings.

`trained` is the run and all that is needed to apply it, `inputs` what a user names on the command line,
`localize_recordings` the work.
"""
