"""Whether there is room on the disk: what fails for want of it says so in many ways, or not at all."""

import os
import shutil
from errno import ENOSPC
from pathlib import Path

# With less than this, a database cannot even write its journal.
FEWEST_BYTES = 2 << 20


def full_disk(folder: Path = Path()) -> str | None:
    """What to tell of the disk of a folder where hardly anything is free; None where there is room."""
    free = shutil.disk_usage(folder).free
    if free >= FEWEST_BYTES:
        return None
    return f"{folder.resolve()}: {os.strerror(ENOSPC)} ({free >> 10} KiB are free); make room and run again"
