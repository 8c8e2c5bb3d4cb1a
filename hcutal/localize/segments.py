"""From proposals to segments: what people see of a recording."""

import numpy as np
import pandas as pd

from hcutal.localize.choice import Choice
from hcutal.localize.suppress import hard_nms


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
