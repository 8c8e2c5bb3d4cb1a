"""Feeding damaged files to a reader: it takes them or refuses them with our own error, in bounded time and memory."""

import contextlib
import os
import resource
import shutil
import signal
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from unittest.mock import patch

import click

from hcutal.errors import HcutalError
from tests.fuzz.mutations import mutate
from tests.fuzz.targets import Target

# Of the processor's time, so that a busy machine is no fault; a reader that waits is given ten times as much.
MOST_SECONDS = 10.0
MOST_BYTES = 2 << 30
# Beyond this an allocation fails, so that a reader that asks for terabytes does not take the machine with it.
ADDRESS_BYTES = 6 << 30


class TooSlowError(BaseException):
    """Raised in a reader that takes longer than it may; nothing catches it as an ordinary exception."""


@dataclass
class Outcome:
    """What became of the inputs of a target: numbers of those that were taken and refused, what was wrong by kind."""

    target: str
    inputs: int = 0
    taken: int = 0
    refused: int = 0
    slowest: float = 0.0
    memory: int = 0
    faults: dict[str, list[int]] = field(default_factory=dict)

    def add_fault(self, kind: str, number: int) -> None:
        """Note what is wrong, and with which input."""
        self.faults.setdefault(kind, []).append(number)


def damaged(target: Target, valid: bytes, seed: int, number: int) -> bytes:
    """The input of that number: the same for the same seed, whatever other inputs there are."""
    return mutate(valid, Random(f"{seed}/{target.name}/{number}"))


def attack(target: Target, sample: Path, folder: Path, inputs: int, seed: int) -> Outcome:
    """Read `inputs` damaged versions of the target's file in a copy of `sample` at `folder`."""
    shutil.copytree(sample, folder, symlinks=True)
    outcome = Outcome(target.name)
    with contextlib.chdir(folder), _bounded_memory(), warnings.catch_warnings(), patch("time.sleep"):
        warnings.simplefilter("ignore")
        path = Path(target.file)
        valid = path.read_bytes()
        # What is loaded on first use does not count for the first input.
        target.read()
        for number in range(inputs):
            # Whatever the reader has made of the file before.
            path.unlink(missing_ok=True)
            path.write_bytes(damaged(target, valid, seed, number))
            _read(target, number, outcome)
    return outcome


def _read(target: Target, number: int, outcome: Outcome) -> None:
    outcome.inputs += 1
    before, started = _reset_peak(), time.process_time()
    try:
        with _alarm():
            target.read()
        outcome.taken += 1
    except (HcutalError, click.ClickException):
        outcome.refused += 1
    except TooSlowError:
        outcome.add_fault(f"longer than {MOST_SECONDS:g} s", number)
    except (Exception, SystemExit) as error:
        outcome.add_fault(_place(error), number)
    seconds, grown = time.process_time() - started, _peak() - before
    outcome.slowest, outcome.memory = max(outcome.slowest, seconds), max(outcome.memory, grown)
    if grown > MOST_BYTES:
        outcome.add_fault(f"more than {MOST_BYTES >> 30} GiB of memory", number)


def _place(error: BaseException) -> str:
    """The kind of a foreign exception, and the line of the package that it came through last."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/hcutal/" in frame.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {where}: {str(error)[:100]!r}"


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlowError

    clocks = {signal.SIGPROF: signal.ITIMER_PROF, signal.SIGALRM: signal.ITIMER_REAL}
    before = {number: signal.signal(number, ring) for number in clocks}
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    signal.setitimer(signal.ITIMER_REAL, 10 * MOST_SECONDS)
    try:
        yield
    finally:
        for number, clock in clocks.items():
            signal.setitimer(clock, 0)
            signal.signal(number, before[number])


@contextlib.contextmanager
def _bounded_memory() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    present = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (present + ADDRESS_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _reset_peak() -> int:
    """Start to measure the most memory anew, where the system can; returns what it is."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    """The most resident memory since it was reset, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
