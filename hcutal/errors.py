"""The one error that a user can mend: everything else is a defect of ours."""


class HcutalError(ValueError):
    """Bad input: the message names the file, the key, what was found and what was expected."""
