"""What the forms of annotation tools are made from: the segments of one recording, thinned out for people."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True, eq=False)
class SegmentedRecording:
    """The segments of a recording of `duration` seconds.

    Attributes:
        media: its file; None where only features were given.
        fps: frames a second of its features, by which tools that count frames count.
        segments: columns start, end (seconds), label, score; by start.
    """

    name: str
    media: Path | None
    duration: float
    fps: float
    segments: pd.DataFrame
