"""One module a command of `hcutal`; each holds a click command called `command`."""
