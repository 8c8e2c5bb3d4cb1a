"""Whether scores say how often predictions are right: reliability of bins and expected calibration error."""

from dataclasses import dataclass

import numpy as np

from hcutal.evaluate.matching import Codes, Flags, Floats


@dataclass(frozen=True)
class ScoreBin:
    """Predictions with a score above `low` (the first bin: at least `low`) and at most `high`.

    score: their mean score; precision: the share of true positives.
    """

    low: float
    high: float
    predictions: int
    score: float
    precision: float


@dataclass(frozen=True)
class Calibration:
    """Bins of scores that hold a prediction, lowest first.

    probabilities: whether all scores lie in [0, 1]; error: expected calibration error, the mean of
    |precision - mean score| over the bins, weighted by their predictions (Naeini et al., 2015); NaN where
    scores are no probabilities or there are none.
    """

    probabilities: bool
    error: float
    bins: list[ScoreBin]


def calibrate(scores: Floats, true: Flags, bins: int = 10) -> Calibration:
    """Bins of scores [N] of predictions that are right or wrong [N].

    Scores in [0, 1] fall into bins of equal width. Others fall into bins of about as many predictions each,
    fewer where many scores are equal.

    Two predictions at 0.8 of which one is right, and one at 0.1 that is wrong: the gaps are 0.3 and 0.1.

    >>> calibration = calibrate(np.array([0.8, 0.8, 0.1]), np.array([True, False, False]), bins=2)
    >>> [(each.low, each.high, each.predictions, each.precision) for each in calibration.bins]
    [(0.0, 0.5, 1, 0.0), (0.5, 1.0, 2, 0.5)]
    >>> round(calibration.error, 4)
    0.2333
    """
    if not scores.size:
        return Calibration(False, float("nan"), [])
    probabilities = bool(scores.min() >= 0 and scores.max() <= 1)
    parts = np.linspace(0, 1, bins + 1)
    edges = parts if probabilities else np.unique(np.quantile(scores, parts))
    place = np.searchsorted(edges[1:-1], scores, side="left")
    rows = _measure(edges, place, scores, true)
    gap = sum(row.predictions * abs(row.precision - row.score) for row in rows) / scores.size
    return Calibration(probabilities, gap if probabilities else float("nan"), rows)


def _measure(edges: Floats, place: Codes, scores: Floats, true: Flags) -> list[ScoreBin]:
    number = np.bincount(place)
    score, right = np.bincount(place, weights=scores), np.bincount(place, weights=true)
    return [
        ScoreBin(
            low=float(edges[k]),
            high=float(edges[min(k + 1, len(edges) - 1)]),
            predictions=int(number[k]),
            score=float(score[k] / number[k]),
            precision=float(right[k] / number[k]),
        )
        for k in np.flatnonzero(number).tolist()
    ]
