"""What the forms of annotation tools are made from: the segments of one recording, thinned out for people."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.export.choice import Choice
from hcutal.localize.suppress import hard_nms


@dataclass(frozen=True, eq=False)
class Recording:
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


def select(proposals: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Segments for people: columns start, end, label, score, by start.

    Proposals come from many thresholds and overlap. Of each class the best is taken, those whose tIoU with it is
    above `choice.overlap` go, and so on; of those that reach `choice.min_score` the best of the recording stay.
    """
    kept = [proposals.iloc[:0]]
    for _, own in proposals[proposals["score"] >= choice.min_score].groupby("label", sort=True):
        start, end, score = own[["start", "end", "score"]].to_numpy(np.float64).T
        kept.append(own.iloc[hard_nms(start, end, score, choice.overlap)])
    best = pd.concat(kept).sort_values("score", ascending=False, kind="stable")
    best = best.head(len(best) if choice.top is None else choice.top)
    return best.sort_values(["start", "end", "label"], kind="stable", ignore_index=True)
