"""The jobs of a run, each with a small file that says when it began and how it ended: what a display reads."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from hcutal.files import write_json
from hcutal.layout import JOBS


@dataclass
class Job:
    """One job of a run, `train@watch.0` for one.

    Attributes:
        started, ended: s since 1970; ended is None while it runs.
        log: where all that it said stands.
        lines: what it has to tell people at its end.
        ran: whether it did all of its work, and took nothing from a cache.
        failed: why it failed; None where it did not.
    """

    name: str
    log: str
    started: float
    ended: float | None = None
    lines: list[str] = field(default_factory=list)
    ran: bool = False
    failed: str | None = None


@contextlib.contextmanager
def job(name: str, log: Path) -> Iterator[Job]:
    """Say that a job has begun, and how it ends; an error, or a signal that ends the process, goes on from here."""
    now = Job(name, str(log), time.time())
    _write(now)
    try:
        yield now
    except Exception as error:
        now.failed = str(error) or type(error).__name__
        raise
    except (SystemExit, KeyboardInterrupt):
        # By a person, by what allots memory and time, or since the run ends.
        now.failed = f"{name} was ended by a signal before it was done"
        raise
    finally:
        now.ended = time.time()
        _write(now)


def _write(now: Job) -> None:
    # No work stops because the disk has no room to tell of it.
    with contextlib.suppress(OSError):
        write_json(JOBS / f"{now.name}.json", asdict(now))


def forget_jobs() -> None:
    """Remove what an earlier run said, before another begins."""
    for path in JOBS.glob("*.json"):
        path.unlink(missing_ok=True)


def jobs_so_far() -> dict[str, Job]:
    """The jobs of the present run by name, in the order in which they began; files that cannot be read are left out."""
    found = []
    for path in JOBS.glob("*.json"):
        with contextlib.suppress(OSError, TypeError, ValueError):
            found.append(Job(**orjson.loads(path.read_bytes())))
    return {each.name: each for each in sorted(found, key=lambda each: (each.started, each.name))}
