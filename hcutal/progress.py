"""How far the work at hand is: a bar in a terminal and, in a stage of the pipeline, a small file for others to read."""

import contextlib
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

import orjson
from tqdm import tqdm

from hcutal.files import write_json
from hcutal.layout import PROGRESS

# How often others are told, and from how long the pace is taken.
SECONDS, PACE_SECONDS = 1.0, 120.0
# Of less than this part of the work, its pace cannot be told.
LEAST = 0.001
Item = TypeVar("Item")


@dataclass(frozen=True)
class HowFar:
    """How far a piece of work is: `done` of `total` in some `unit`.

    Attributes:
        part: how much of its time the work has taken, 0 to 1.
        moment: when this was so (s since 1970).
        left: seconds from then on, at the pace of the last minutes; None where too little is done to say.
        note: what else is to be seen, such as a loss.
    """

    done: float
    total: float
    unit: str
    part: float
    moment: float
    left: float | None = None
    note: str = ""

    def __str__(self) -> str:
        """In words: 3/12 recordings."""
        if not self.total:
            return self.note
        text = f"{_number(self.done, self.total)}/{_number(self.total, self.total)} {self.unit}"
        return f"{text}, {self.note}" if self.note else text


def _number(value: float, total: float) -> str:
    return f"{round(value, 1):g}" if total < 100 else f"{value:.0f}"


# The stage that this process works for.
_stage: str | None = None


def progress_file(stage: str) -> Path:
    """Where a stage says how far it is."""
    return PROGRESS / f"{stage}.json"


@contextlib.contextmanager
def work_of(stage: str) -> Iterator[None]:
    """Let the bars of this process say in a file how far the stage is; it goes with the end of the work."""
    global _stage
    _stage = stage
    try:
        yield
    finally:
        _stage = None
        with contextlib.suppress(OSError):
            progress_file(stage).unlink(missing_ok=True)


def progress_of(stage: str) -> HowFar | None:
    """How far a stage says that it is; None where it says nothing."""
    try:
        return HowFar(**orjson.loads(progress_file(stage).read_bytes()))
    except (OSError, TypeError, ValueError):
        return None


def tell(what: str) -> None:
    """Say in a stage what it does now, where that has no bar."""
    _tell(HowFar(0.0, 0.0, "", 0.0, time.time(), note=what))


def _tell(now: HowFar) -> None:
    # Nobody's work stops because the disk has no room to say how far it is.
    if _stage is not None:
        with contextlib.suppress(OSError):
            write_json(progress_file(_stage), asdict(now))


class WorkBar:
    """A bar of `total` units of work, with `start` of them done already; shown after `delay` seconds."""

    def __init__(self, total: float, what: str, unit: str, start: float = 0.0, delay: float = 0.0) -> None:
        self.done = start
        self._total, self._unit, self._note = total, unit if total == 1 else f"{unit}s", ""
        self._bar: tqdm[NoReturn] = tqdm(
            total=total,
            desc=what,
            unit=unit,
            initial=_plain(start),
            disable=None,
            dynamic_ncols=True,
            delay=delay,
        )
        # When how much of the work was done, for as long as the pace is taken from.
        self._before: deque[tuple[float, float]] = deque()
        self._write(start / total if total else 0.0)

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the bar."""
        self._bar.close()

    def advance(self, amount: float = 1.0, part: float | None = None, note: str = "") -> None:
        """So much more is done; the rest as in `reach`."""
        self.reach(self.done + amount, part, note)

    def reach(self, done: float, part: float | None = None, note: str = "") -> None:
        """So much is done in all, which takes this part of the time: None where it goes with `done`."""
        self.done, self._note = done, note
        if not self._bar.disable:
            if note:
                self._bar.set_postfix_str(note, refresh=False)
            self._bar.n = _plain(done)
            self._bar.update(0)
        if time.time() - self._before[-1][0] >= SECONDS:
            self._write(part if part is not None else done / self._total if self._total else 1.0)

    def _write(self, part: float) -> None:
        now = time.time()
        self._before.append((now, part))
        while now - self._before[0][0] > PACE_SECONDS:
            self._before.popleft()
        _tell(HowFar(self.done, self._total, self._unit, part, now, self._left(), self._note))

    def _left(self) -> float | None:
        (since, before), (now, part) = self._before[0], self._before[-1]
        if part - before < LEAST or now - since < SECONDS:
            return None
        return (1 - part) * (now - since) / (part - before)


def _plain(done: float) -> Any:
    """A number as tqdm is to show it."""
    shown = round(done, 2)
    return int(shown) if float(shown).is_integer() else shown


def worked(items: Iterable[Item], what: str, unit: str, total: int, delay: float = 0.0) -> Iterator[Item]:
    """Go through `total` items, each a unit of work; shown after `delay` seconds."""
    with WorkBar(total, what, unit, delay=delay) as bar:
        for item in items:
            yield item
            bar.advance()
