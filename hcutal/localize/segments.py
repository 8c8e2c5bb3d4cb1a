"""From proposals to segments: what people are shown of a recording."""

import numpy as np
import numpy.typing as npt
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
    start, end, label, score = (proposals[name].to_numpy() for name in ("start", "end", "label", "score"))
    return proposals.iloc[chosen_rows(start, end, label, score, choice=choice)].reset_index(drop=True)


def chosen_rows(
    start: np.ndarray, end: np.ndarray, label: np.ndarray, score: np.ndarray, *, choice: Choice
) -> npt.NDArray[np.intp]:
    """The rows [K] of the proposals [N] of a recording that `select` takes, in its order."""
    names, codes = np.unique(label.astype(str), return_inverse=True)
    kept = []
    for code in range(len(names)):
        (own,) = np.nonzero((codes == code) & (score >= choice.min_score))
        kept.append(own[hard_nms(start[own], end[own], score[own], choice.overlap)])
    rows = np.concatenate([*kept, np.zeros(0, np.intp)])
    best = rows[np.argsort(-score[rows], kind="stable")][: choice.top]
    return best[np.lexsort((codes[best], end[best], start[best]))]
