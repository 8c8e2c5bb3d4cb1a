"""How many cores there are to work with."""

import os

# As many as there are.
AUTO = "auto"
# How many a job has been given by whoever started it.
GIVEN = "HCUTAL_CORES"


def cpu_count() -> int:
    """The cores that this process may use: those of the machine, or of its container."""
    # Slow to import, and not needed where cores were given.
    from joblib import cpu_count

    return int(cpu_count())


def given_cores() -> int:
    """The cores that the job was given; without that, those that there are."""
    text = os.environ.get(GIVEN, "")
    return int(text) if text.isdecimal() and int(text) > 0 else cpu_count()
