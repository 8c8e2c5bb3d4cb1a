"""The column of a table that is a clock: found by its name, its unit told by that, by the rate, or asked for."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.errors import HcutalError

Seconds = npt.NDArray[np.float64]
FACTORS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "millis", "milliseconds"),
    "us": ("us", "µs", "μs", "usec", "micros", "microseconds"),
    "ns": ("ns", "nsec", "nanos", "nanoseconds"),
}
UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words}
CLOCKS = {
    "time",
    "timestamp",
    "timestamps",
    "stamp",
    "t",
    "elapsed",
    "datetime",
    "date",
    "clock",
    "unix",
    "epoch",
}
FILLERS = {"in", "since", "start", "utc", "local"}
# Names of columns that number the rows.
COUNTERS = {"index", "frame", "frames", "sample", "row", "id", "nr", "no", "counter"}
# How far the rate of a clock may be from that which the recordings are brought to.
FACTOR, FASTEST = 10.0, 1e4
# A rate that differs by a smaller share is the same one.
SAME_RATE = 0.02
# Fewer rows may rise by chance.
FEWEST = 20
CLOCK_TIME = re.compile(r"\d+:\d{2}:\d{2}([.,]\d+)?")
EXPECTED = "expected numbers, ISO dates such as 2024-02-01T12:00:00.5, or h:mm:ss"


class ReadClock(NamedTuple):
    """A clock that was read: seconds [n] from the first row on, the form in words, and when the first row is (s)."""

    seconds: Seconds
    said: str
    start: float


def words_of(name: str) -> list[str]:
    """The words of a column's name, in small letters.

    >>> words_of("TimeStamp (ms)"), words_of("seconds_elapsed")
    (['time', 'stamp', 'ms'], ['seconds', 'elapsed'])
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[\s_\-()\[\].,:/]+", apart.casefold()) if word]


def is_clock(name: str) -> bool:
    """Whether a column is called like a clock.

    >>> [is_clock(name) for name in ("Time", "timestamp_ms", "seconds", "s", "temperature", "t2")]
    [True, True, True, False, False, False]
    """
    words = set(words_of(name)) - FILLERS
    rest = words - UNIT_OF.keys()
    return bool(words) and rest <= CLOCKS and (bool(rest) or max(map(len, words)) > 2)


def unit_in(name: str) -> str | None:
    """The unit that a clock's name says; None where it says none.

    >>> unit_in("Time (ms)"), unit_in("seconds_elapsed"), unit_in("timestamp")
    ('ms', 's', None)
    """
    return next((UNIT_OF[word] for word in words_of(name) if word in UNIT_OF), None)


def only_counts(values: npt.NDArray[np.float64]) -> bool:
    """Whether values [n] rise from row to row, all of them."""
    return len(values) >= FEWEST and bool(np.isfinite(values).all() and (np.diff(values) > 0).all())


def is_counter(name: str, values: npt.NDArray[np.float64]) -> bool:
    """Whether a column numbers the rows: one by one from 0 or 1 on, and it has no name, or one that says so."""
    is_named = name.startswith("unnamed ") or (len(words_of(name)) == 1 and words_of(name)[0] in COUNTERS)
    return is_named and len(values) > 0 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def read_clock(
    path: Path, values: "pd.Series[Any]", unit: str | None, fps: float, lines: Sequence[int]
) -> ReadClock:
    """When the rows are, in s, and how that was read.

    Args:
        path: of the table, for messages.
        values: the column.
        unit: of numbers: s, ms, us or ns; None to tell it by the rate.
        fps: the rate that recordings are brought to, in frames a second.
        lines: where the rows stand.

    Raises:
        HcutalError: for times that are missing or do not rise, and where the unit cannot be told.
    """
    name = str(values.name)
    if values.isna().any():
        line = lines[int(np.flatnonzero(values.isna().to_numpy())[0])]
        raise HcutalError(f"{path}: line {line}: column {name} does not rise: it holds no time; {EXPECTED}")
    if not pd.api.types.is_numeric_dtype(values):
        times, said = _of_text(path, values)
        factor = 1.0
    else:
        times, said, factor = values.to_numpy(dtype=np.float64), "", 0.0
    steps = np.diff(times)
    if not np.isfinite(times).all() or (steps <= 0).any():
        line = lines[int(np.flatnonzero(steps <= 0)[0]) + 1] if (steps <= 0).any() else lines[0]
        raise HcutalError(
            f"{path}: column {name} does not rise in line {line}; expected times, each above the one before "
            '(-o time=NAME names another column, -o time="" none)'
        )
    if not factor:
        said = unit or unit_in(name) or ""
        how = "as asked for" if unit else "as its name says"
        if not said and len(times) > 1:
            said, how = _by_rate(path, name, float(np.median(steps)), fps), "told by the rate"
        factor = FACTORS[said or "s"]
        said = f"{said or 's'}, {how}"
    seconds = (times - times[0]) * factor
    rate = _rate(seconds) if len(seconds) > 1 else fps
    brought = f", brought to {fps:g} (fps)" if abs(rate / fps - 1) > SAME_RATE else ""
    return ReadClock(
        seconds, f"clock {name!r} in {said}, about {rate:.3g} a second{brought}", float(times[0]) * factor
    )


def _rate(seconds: Seconds) -> float:
    """Rows a second: their mean, as steps may be rounded, gaps left out."""
    steps = np.diff(seconds)
    return 1 / float(steps[steps < 1.5 * np.median(steps)].mean())


def _by_rate(path: Path, name: str, step: float, fps: float) -> str:
    """The unit in which a step is near that of the rate; `HcutalError` where it is near in none."""
    near = [unit for unit, factor in FACTORS.items() if 1 / FACTOR <= step * factor * fps <= FACTOR]
    if near:
        return near[0]
    if 1 / FASTEST <= step <= 1 / fps:
        # Quick in seconds, and impossible in any smaller unit.
        return "s"
    raise HcutalError(
        f"{path}: column {name} has steps of {step:g}: {1 / step:.3g} a second if they are seconds, "
        f"{1000 / step:.3g} if milliseconds, and fps is {fps:g}; say which: -o time_unit=s (or ms, us, ns)"
    )


def _of_text(path: Path, values: "pd.Series[Any]") -> tuple[Seconds, str]:
    texts = values.astype(str).str.strip()
    try:
        if texts.map(lambda text: bool(CLOCK_TIME.fullmatch(text))).all():
            spans = pd.to_timedelta(texts.str.replace(",", "."))
            return np.asarray(spans.dt.total_seconds(), dtype=np.float64), "h:mm:ss"
        dates = pd.to_datetime(texts.str.replace(",", "."), format="ISO8601", utc=True)
        moments = (dates - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
        return np.asarray(moments, dtype=np.float64), "ISO dates"
    except (ValueError, OverflowError):
        raise HcutalError(
            f"{path}: column {values.name} holds {texts.iloc[0]!r}; {EXPECTED} (day and month are never guessed)"
        ) from None
