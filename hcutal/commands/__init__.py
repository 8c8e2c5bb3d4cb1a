"""The commands of `hcutal`, a module each; each holds a click command called `command`.

What a command needs is imported inside of it, so that `hcutal --help` is quick.
"""
