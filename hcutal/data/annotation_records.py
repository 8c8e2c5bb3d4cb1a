"""The videos and instances of a database of annotations, and what is wrong with single records.

A record of another form than `{"segment": [start, end], "label": name}`, one that has the form but cannot be right, and
one that is doubtful, is a flaw, and the caller decides what becomes of it: in a video that nobody asks for it is none.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hcutal.data.meeting import plain
from hcutal.data.units import UnitCheck, check_unit
from hcutal.errors import HcutalError

# Ends are rounded to whole seconds at worst (ActivityNet): an end may pass the duration by so much.
TOLERANCE = 1.0
NEGATIVE = "starts before 0"
REVERSED = "ends before its start"
BEYOND = "ends beyond the duration"
UNKNOWN_LABEL = "unknown label"
# ActivityNet's own files have some of these two, and its kit judges them like any other instance.
DUPLICATE = "duplicate"
NO_LENGTH = "no length"
# Of another form: never left out, since nobody knows what it was.
MALFORMED = "another form"
WRONG = (NEGATIVE, REVERSED, BEYOND, UNKNOWN_LABEL)
DOUBTFUL = (DUPLICATE, NO_LENGTH)


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a record: `MALFORMED`, one of `WRONG` or `DOUBTFUL`, and in words, with where it stands."""

    video: str
    kind: str
    message: str


@dataclass(frozen=True)
class Records:
    """videos: (video, entry, duration in seconds, NaN where unknown); instances: (video, start, end, label).

    Instances that are malformed or have a flaw of `WRONG` are left out, those of `DOUBTFUL` are not. last: the last end
    of the instances of each video, also of those that are left out. ambiguous: instances of which nobody knows what
    they are.
    """

    videos: list[tuple[str, Mapping[str, Any], float]] = field(default_factory=list)
    instances: list[tuple[str, float, float, str]] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    last: dict[str, float] = field(default_factory=dict)
    ambiguous: list[tuple[str, float, float, str]] = field(default_factory=list)

    @property
    def unit(self) -> UnitCheck:
        """Whether the instances are in seconds, as far as durations are known."""
        return check_unit(self.last, {video: duration for video, _, duration in self.videos})


def read_records(
    path: object,
    database: Mapping[str, Any],
    labels: Collection[str] | None,
    duration_key: str = "duration",
    ambiguous: str | None = None,
) -> Records:
    """The records of `{video: {duration_key: seconds, "annotations": [{"segment", "label"}]}}`.

    Numbers may be strings; duration and annotations may be missing. labels: the ones that are known, None for
    any. Labels are made plain (`meeting.plain`); instances with the label `ambiguous` are put aside. Flaws name
    `path`, video and record.
    """
    records = Records()
    for video, entry in database.items():
        where = f"{path}: {video}"
        try:
            duration, listed = _video(entry, duration_key, where)
        except HcutalError as error:
            records.flaws.append(Flaw(video, MALFORMED, str(error)))
            duration, listed = math.nan, []
        records.videos.append((video, entry, duration))
        seen = set()
        for number, record in enumerate(listed):
            place = f"{where}: annotations[{number}]"
            try:
                start, end, label = _instance(record, place)
            except HcutalError as error:
                records.flaws.append(Flaw(video, MALFORMED, str(error)))
                continue
            records.last[video] = max(end, records.last.get(video, end))
            if label == ambiguous:
                records.ambiguous.append((video, start, end, label))
                continue
            flaws = list(_flaws(start, end, label, duration, labels))
            if (start, end, label) in seen:
                flaws.append((DUPLICATE, f"{label} from {start:g} to {end:g} s stands there a second time"))
            seen.add((start, end, label))
            records.flaws.extend(Flaw(video, kind, f"{place}: {text}") for kind, text in flaws)
            if not any(kind in WRONG for kind, _ in flaws):
                records.instances.append((video, start, end, label))
    return records


def _flaws(
    start: float, end: float, label: str, duration: float, labels: Collection[str] | None
) -> "list[tuple[str, str]]":
    found = []
    if labels is not None and label not in labels:
        found.append((UNKNOWN_LABEL, f"unknown label {label!r}; expected one of {', '.join(sorted(labels))}"))
    if start < 0:
        found.append((NEGATIVE, f"starts at {start:g} s; expected 0 or more"))
    if end < start:
        text = f"ends at {end:g} s, starts at {start:g} s; expected the end after the start"
        found.append((REVERSED, text))
    if end > duration + TOLERANCE:
        text = f"ends at {end:g} s, beyond the video's duration of {duration:g} s"
        found.append((BEYOND, text))
    if end == start:
        found.append((NO_LENGTH, f"starts and ends at {start:g} s"))
    return found


def refuse_malformed(flaws: Iterable[Flaw]) -> None:
    """Raise `HcutalError` for the first record of another form."""
    for flaw in flaws:
        if flaw.kind == MALFORMED:
            raise HcutalError(flaw.message)


def _video(entry: Any, duration_key: str, where: str) -> tuple[float, list[Any]]:
    """Duration (s, NaN where unknown) and records of a video."""
    if not isinstance(entry, dict):
        raise HcutalError(f"{where}: is {type(entry).__name__}; expected an object with annotations")
    return _duration(entry.get(duration_key), f"{where}: {duration_key}"), _annotations(entry, where)


def _annotations(entry: Mapping[str, Any], where: str) -> list[Any]:
    records = entry.get("annotations", [])
    if not isinstance(records, list):
        raise HcutalError(f"{where}: annotations is {type(records).__name__}; expected a list")
    return records


def _instance(record: Any, where: str) -> tuple[float, float, str]:
    segment = record.get("segment") if isinstance(record, dict) else None
    if not isinstance(segment, list) or len(segment) != 2:
        raise HcutalError(f"{where}: segment is {segment!r}; expected [start, end]")
    start, end = (_seconds(value, f"{where}: segment") for value in segment)
    label = record.get("label")
    if not isinstance(label, str) or not plain(label):
        raise HcutalError(f"{where}: label is {label!r}; expected a name")
    return start, end, plain(label)


def _duration(value: Any, where: str) -> float:
    duration = math.nan if value is None else _seconds(value, where)
    if duration <= 0:
        raise HcutalError(f"{where} is {duration:g}; expected more than 0 s")
    return duration


def _seconds(value: Any, where: str) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if not math.isfinite(seconds) or isinstance(value, bool):
        raise HcutalError(f"{where}: found {value!r}; expected a number of seconds")
    return seconds
