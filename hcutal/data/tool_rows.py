"""Segments as annotation tools leave them, whatever the tool: what its readers give."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple
from urllib.parse import unquote

from hcutal.data.meeting import plain
from hcutal.errors import HcutalError

# Endings of films, sounds, tables and arrays; what else stands behind a dot is part of a name.
SUFFIX = re.compile(
    r"\.(3g2|3gp|asf|avi|divx|f4v|flv|h264|m2ts|m2v|m4v|mkv|mov|mp4|mpeg|mpg|mts|mxf|ogv|ts|vob|webm|wmv|gif|apng|webp|"
    r"aac|flac|m4a|mp3|ogg|opus|wav|npy|npz|csv|tsv|txt|json|h5|hdf5|slp|mat)",
    re.IGNORECASE,
)
# What is left out of all tools' files.
POINTS = "events without a length"
CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2}(?:[.,]\d+)?)")


class ToolRow(NamedTuple):
    """A segment: of which recording, its start and end (s), its label."""

    video: str
    start: float
    end: float
    label: str


@dataclass
class ToolRows:
    """What a file holds.

    Attributes:
        form: what it was read as, in words.
        rows: its segments.
        durations: seconds of recordings, where the tool knows them.
        left_out: how many records are no segments, by their kind.
    """

    form: str
    rows: list[ToolRow] = field(default_factory=list)
    durations: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, kind: str) -> None:
        """Count a record that is no segment."""
        self.left_out[kind] = self.left_out.get(kind, 0) + 1


@dataclass(frozen=True)
class Units:
    """How numbers become seconds. unit: s, ms or frames; fps: of frames; None: as the file says."""

    unit: str | None = None
    fps: float | None = None

    def seconds(self, value: Any, where: str, unit: str | None = None) -> float:
        """Seconds of a number in `unit` (what the file says), or of h:mm:ss; `HcutalError` naming `where`."""
        text = str(value).strip()
        parts = CLOCK.fullmatch(text)
        if parts:
            hours, minutes, rest = parts.groups()
            return 3600 * int(hours or 0) + 60 * int(minutes) + float(rest.replace(",", "."))
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            raise HcutalError(f"{where}: found {text!r}; expected a time, in numbers or h:mm:ss") from None
        if not 0 <= number < float("inf"):
            raise HcutalError(f"{where}: found {text}; expected a time of 0 or more")
        return number / self._a_second(unit, where)

    def said(self, value: Any, unit: str | None = None) -> str:
        """How times like `value` are read, in words.

        >>> Units().said("0:01:02"), Units().said("3"), Units(fps=25.0).said("3", "frames")
        ('times as h:mm:ss', 'times in s', 'times in frames, 25 a second')
        """
        unit = self.unit or unit or "s"
        if CLOCK.fullmatch(str(value).strip()):
            return "times as h:mm:ss"
        rate = f", {self.fps:g} a second" if unit == "frames" and self.fps else ""
        return f"times in {unit}{rate}"

    def _a_second(self, unit: str | None, where: str) -> float:
        unit = self.unit or unit or "s"
        if unit == "frames":
            if self.fps is None:
                raise HcutalError(f"{where}: times are frames; say how many a second there are: --fps")
            return self.fps
        return {"s": 1.0, "ms": 1000.0}[unit]


def recording_name(path: str) -> str:
    """The name of a recording by the path or address of its file, of any system.

    >>> recording_name("C:\\\\films\\\\day 1.mp4"), recording_name("/data/upload/3/a.b.mp4?d=1")
    ('day 1', 'a.b')
    >>> recording_name("/data/local-files/?d=films/day%201.mp4"), recording_name("day.1")
    ('day 1', 'day.1')
    """
    # Label Studio serves local files so.
    before, mark, after = path.partition("?d=")
    path = after if mark and before.endswith("/") else path
    path = unquote(path) if "://" in path or mark else path
    name = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path.partition("?")[0]).name
    stem, dot, rest = name.rpartition(".")
    return plain(stem if SUFFIX.fullmatch(dot + rest) else name)


def paired(
    path: Path, events: Iterable[tuple[float, tuple[str, ...], str]], found: ToolRows, video: str
) -> None:
    """Add the segments between every first and second event of a key.

    Args:
        path: of the file, for messages.
        events: time (s), key (subject, label and so on), label.
        found: gets the segments.
        video: whose they are.
    """
    open_since: dict[tuple[str, ...], float] = {}
    for time, key, label in sorted(events):
        if key in open_since:
            found.rows.append(ToolRow(video, open_since.pop(key), time, label))
        else:
            open_since[key] = time
    if open_since:
        key, time = next(iter(open_since.items()))
        raise HcutalError(
            f"{path}: {video}: {' '.join(filter(None, key))} begins at {time:g} s and has no end"
        )
