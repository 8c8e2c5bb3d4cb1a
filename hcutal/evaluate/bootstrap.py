"""How far mAP depends on the videos: the bootstrap over videos, for one set of predictions or for two.

Interpolated precision profits from chance: the best precision at or after a recall is higher on average where
some videos stand several times. Draws therefore lie above the mAP on all videos, and plain percentiles may
leave it out. The intervals are those of the draws shifted so that their mean is the mAP itself: they say how
it varies from one set of so many videos to another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.detection import Matches, match
from hcutal.evaluate.draws import drawn_maps
from hcutal.evaluate.matching import Floats


@dataclass(frozen=True)
class MapIntervals:
    """Intervals of the mAP, or of a difference of two, at a confidence level.

    low, high: [n_tiou]; average: low and high of the average over tIoU; bias: by how much the average lay
    above in the draws before they were shifted; draws: those that hold an instance; drawn: all of them, as they
    were drawn, [draws, n_tiou], NaN for one without an instance.
    """

    tiou: list[float]
    low: Floats
    high: Floats
    average: tuple[float, float]
    bias: float
    draws: int
    seed: int
    level: float
    drawn: Floats

    def as_dict(self) -> dict[str, object]:
        """For JSON: the intervals by tIoU, that of the average, and how they were made."""
        ends = zip(self.tiou, self.low, self.high, strict=True)
        return {
            "mAP": {f"{tiou:g}": [float(low), float(high)] for tiou, low, high in ends},
            "average_mAP": list(self.average),
            "bias": self.bias,
            "draws": self.draws,
            "seed": self.seed,
            "level": self.level,
        }


@dataclass(frozen=True)
class MapComparison:
    """Predictions A against predictions B on the same draws of videos.

    a, b: mAP on all videos, [n_tiou]; intervals: of the difference A - B; better, worse: share of the (shifted)
    draws in which A is above and below B, [n_tiou + 1], the average over tIoU last.
    """

    a: Floats
    b: Floats
    intervals: MapIntervals
    better: Floats
    worse: Floats

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """For JSON: by tIoU ("mAP/0.5") and for "average_mAP", what A and B score and how they differ."""
        names = [*(f"mAP/{tiou:g}" for tiou in self.intervals.tiou), "average_mAP"]
        low = [*self.intervals.low.tolist(), self.intervals.average[0]]
        high = [*self.intervals.high.tolist(), self.intervals.average[1]]
        scores = zip(_with_mean(self.a).tolist(), _with_mean(self.b).tolist(), strict=True)
        shares = zip(self.better.tolist(), self.worse.tolist(), strict=True)
        return {
            name: {
                "a": a,
                "b": b,
                "difference": a - b,
                "interval": [least, most],
                "a_better": better,
                "b_better": worse,
            }
            for name, (a, b), least, most, (better, worse) in zip(
                names, scores, low, high, shares, strict=True
            )
        }


def bootstrap_map(
    ground_truth: pd.DataFrame,
    predictions: pd.DataFrame,
    videos: Sequence[str],
    tiou: Sequence[float],
    draws: int,
    seed: int,
    level: float = 0.95,
) -> MapIntervals:
    """Intervals of `detection_map` over draws of `videos`, among which are all of the ground truth.

    A draw takes as many videos as there are, with replacement; one without any instance does not count.
    Predictions of other videos are false in every draw, once each. Raises `HcutalError` for draws below 1, a
    level outside (0, 1), and an instance outside of `videos`.

    The instance of one of two videos is found: much depends on which are drawn. Where all are found nothing does.

    >>> truth = pd.DataFrame({"video": ["v", "w"], "start": 0, "end": 10, "label": "run"})
    >>> found = truth.assign(score=1.0)
    >>> low, high = bootstrap_map(truth, found.head(1), ["v", "w"], [0.5], draws=100, seed=0).average
    >>> low < 0.1, high > 0.9
    (True, True)
    >>> bootstrap_map(truth, found, ["v", "w"], [0.5], draws=100, seed=0).average
    (1.0, 1.0)
    """
    matches = match(ground_truth, predictions, tiou)
    return map_intervals(matches, ground_truth, predictions, videos, draws, seed, level)


def map_intervals(
    matches: Matches,
    ground_truth: pd.DataFrame,
    predictions: pd.DataFrame,
    videos: Sequence[str],
    draws: int,
    seed: int,
    level: float = 0.95,
) -> MapIntervals:
    """`bootstrap_map` where the matches are known."""
    drawn = drawn_maps(matches, ground_truth, predictions, videos, draws, seed)
    return _intervals(matches.tiou, drawn, matches.result().mean_ap, seed, level, 0.0)


def compare_maps(
    ground_truth: pd.DataFrame,
    a: pd.DataFrame,
    b: pd.DataFrame,
    videos: Sequence[str],
    tiou: Sequence[float],
    draws: int,
    seed: int,
    level: float = 0.95,
) -> MapComparison:
    """Paired bootstrap: every draw of `videos` scores both sets of predictions, `a` and `b`.

    Arguments and errors as for `bootstrap_map`.

    >>> truth = pd.DataFrame({"video": ["v", "w"], "start": 0, "end": 10, "label": "run"})
    >>> all_found, none_found = truth.assign(score=1.0), truth.assign(score=1.0, start=50, end=60)
    >>> comparison = compare_maps(truth, all_found, none_found, ["v", "w"], [0.5], draws=100, seed=0)
    >>> comparison.intervals.average, comparison.better.tolist()
    ((1.0, 1.0), [1.0, 1.0])
    """
    of_a, of_b = (match(ground_truth, table, tiou) for table in (a, b))
    ends_a = map_intervals(of_a, ground_truth, a, videos, draws, seed, level)
    ends_b = map_intervals(of_b, ground_truth, b, videos, draws, seed, level)
    return compare_drawn(of_a.result().mean_ap, ends_a, of_b.result().mean_ap, ends_b)


def compare_drawn(a: Floats, ends_a: MapIntervals, b: Floats, ends_b: MapIntervals) -> MapComparison:
    """`compare_maps` where both mAP, [n_tiou], and their draws are known.

    Raises `HcutalError` where the draws cannot be the same ones: other thresholds, seeds, levels or numbers.
    """
    how_a, how_b = ((ends.tiou, ends.seed, ends.level, len(ends.drawn)) for ends in (ends_a, ends_b))
    if how_a != how_b:
        raise HcutalError(
            f"tIoU, seed, level and draws are {how_a} for A, {how_b} for B; expected the same for both"
        )
    # The same seed draws the same videos for both.
    difference = ends_a.drawn - ends_b.drawn
    shifted = _shifted(difference, a - b)
    return MapComparison(
        a=a,
        b=b,
        intervals=_intervals(ends_a.tiou, difference, a - b, ends_a.seed, ends_a.level, -1.0),
        better=(shifted > 0).sum(axis=0) / max(len(shifted), 1),
        worse=(shifted < 0).sum(axis=0) / max(len(shifted), 1),
    )


def _intervals(
    tiou: list[float], drawn: Floats, value: Floats, seed: int, level: float, least: float
) -> MapIntervals:
    """drawn: [draws, n_tiou]; value: on all videos, [n_tiou]; values lie between `least` and 1."""
    if not 0 < level < 1:
        raise HcutalError(f"level is {level}; expected more than 0 and less than 1")
    shifted = _shifted(drawn, value)
    low = high = np.full(len(tiou) + 1, np.nan)
    if len(shifted):
        low, high = np.clip(quantiles(shifted, level), least, 1.0)
    return MapIntervals(
        tiou=tiou,
        low=low[:-1],
        high=high[:-1],
        average=(float(low[-1]), float(high[-1])),
        bias=float(np.nanmean(drawn) - value.mean()) if len(shifted) else float("nan"),
        draws=len(shifted),
        seed=seed,
        level=level,
        drawn=drawn,
    )


def quantiles(shifted: Floats, level: float) -> Floats:
    """The ends, [2, ...], between which the share `level` of the draws [n, ...] lies, as many below as above."""
    return np.asarray(np.quantile(shifted, [(1 - level) / 2, (1 + level) / 2], axis=0))


def _shifted(drawn: Floats, value: Floats) -> Floats:
    """The draws that hold an instance, by tIoU and averaged, with `value` as their mean; [n, n_tiou + 1]."""
    each = _with_mean(drawn[~np.isnan(drawn).any(axis=1)])
    return each if not len(each) else each - (each.mean(axis=0) - _with_mean(value))


def _with_mean(values: Floats) -> Floats:
    """Values by tIoU, with their mean as a last one."""
    return np.concatenate([values, values.mean(axis=-1, keepdims=True)], axis=-1)
