"""What the forms of annotation tools are made from: the segments of one recording, thinned out for people."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True, eq=False)
class SegmentedRecording:
    """The segments of a recording of `duration` seconds.

    Attributes:
        media: its file, from the present folder or absolute; None where only features were given.
        fps: frames a second of its features, by which tools that count frames count.
        segments: columns start, end (seconds), label, score; by start.
        rate: frames a second of the file itself; None where it has no constant rate, or that is not known.
    """

    name: str
    media: Path | None
    duration: float
    fps: float
    segments: pd.DataFrame
    rate: float | None = None

    @property
    def spans(self) -> dict[str, list[tuple[float, float]]]:
        """Start and end of the segments of each class, in their order."""
        found: dict[str, list[tuple[float, float]]] = {}
        columns = (self.segments[name].tolist() for name in ("label", "start", "end"))
        for label, start, end in zip(*columns, strict=True):
            found.setdefault(str(label), []).append((start, end))
        return found
