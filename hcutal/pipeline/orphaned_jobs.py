"""Jobs of a Slurm that a run left when it was killed: they would write what the next run's jobs write."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from hcutal.errors import HcutalError

ENDING_SECONDS = 120.0


def cancel_orphans(say: Callable[[str], None]) -> None:
    """Cancel our jobs of this folder, and wait for their end: whoever holds the folder has submitted none yet.

    Raises:
        HcutalError: where they do not end.
    """
    orphans = _jobs_here()
    if not orphans:
        return
    say(f"the run before was cut off: its jobs are cancelled ({', '.join(orphans)})")
    subprocess.run(["scancel", *orphans], check=False)
    until = time.monotonic() + ENDING_SECONDS
    while orphans := _jobs_here():
        if time.monotonic() > until:
            raise HcutalError(
                f"jobs of an earlier run do not end: {', '.join(orphans)}; squeue --me shows them"
            )
        time.sleep(1)


def _jobs_here() -> list[str]:
    """The numbers of our jobs whose folder is this one; none where there is no Slurm that answers."""
    if shutil.which("squeue") is None:
        return []
    command = ["squeue", "--me", "--noheader", "--format=%i|%Z"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    jobs = [line.split("|", 1) for line in answer.splitlines() if "|" in line]
    return [number.strip() for number, folder in jobs if Path(folder.strip()) == Path.cwd()]
