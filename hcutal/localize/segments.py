"""From proposals to segments: what people are shown of a recording."""

import numpy as np
import pandas as pd

from hcutal.localize.choice import Choice
from hcutal.localize.suppress import hard_nms


def select(proposals: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """The segments of a recording, by start: columns start, end, label, score.

    Proposals come from many thresholds and overlap. Of those that reach `choice.min_score`, the best of a class is
    taken, those whose tIoU with it is above `choice.overlap` are dropped, and so on; of what remains, the best
    `choice.top` of the recording stay.

    >>> found = [(0.0, 4.0, "run", 0.9), (1.0, 4.0, "run", 0.8), (6.0, 8.0, "run", 0.5), (6.0, 9.0, "run", 0.1)]
    >>> proposals = pd.DataFrame(found, columns=["start", "end", "label", "score"])
    >>> select(proposals, Choice(overlap=0.0, min_score=0.3))["score"].tolist()
    [0.9, 0.5]
    """
    kept = [proposals.iloc[:0]]
    for _, own in proposals[proposals["score"] >= choice.min_score].groupby("label", sort=True):
        start, end, score = own[["start", "end", "score"]].to_numpy(np.float64).T
        kept.append(own.iloc[hard_nms(start, end, score, choice.overlap)])
    best = pd.concat(kept).sort_values("score", ascending=False, kind="stable")
    best = best.head(len(best) if choice.top is None else choice.top)
    return best.sort_values(["start", "end", "label"], kind="stable", ignore_index=True)
