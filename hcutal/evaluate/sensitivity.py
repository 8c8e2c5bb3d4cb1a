"""False negatives and mAP by length, coverage and number of instances, after Alwassel et al. (2018)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.diagnosis_errors import Errors
from hcutal.evaluate.matching import Flags, Floats
from hcutal.evaluate.ranks import best_from_here, place_in_class, starts_of

NAMES = ("XS", "S", "M", "L", "XL")
QUANTILES = "quantiles"
# The inner edges of DETAD's published code for the two data sets.
EDGES: dict[str, dict[str, tuple[float, ...]]] = {
    "thumos14": {"length": (3, 6, 12, 18), "coverage": (0.02, 0.04, 0.06, 0.08), "instances": (1, 40, 80)},
    "activitynet": {"length": (30, 60, 120, 180), "coverage": (0.2, 0.4, 0.6, 0.8), "instances": (1, 4, 8)},
}


@dataclass(frozen=True)
class Bin:
    """Instances with a value above `above` and at most `up_to` (None: any); shares are NaN where there are none."""

    name: str
    above: float
    up_to: float | None
    instances: int
    missed: int
    missed_share: float
    normalised_map: float


def characteristics(ground_truth: pd.DataFrame, durations: "pd.Series[float] | None") -> dict[str, Floats]:
    """What instances are grouped by, [G] each.

    length: seconds; coverage: share of the video that the instance takes up, at most 1, NaN where `durations`
    (seconds by video) does not know the video; instances: the number of instances of its video, of any class.

    >>> truth = pd.DataFrame({"video": ["v", "v"], "start": [0, 20], "end": [10, 25], "label": ["run", "jump"]})
    >>> {name: values.tolist() for name, values in characteristics(truth, pd.Series({"v": 50.0})).items()}
    {'length': [10.0, 5.0], 'coverage': [0.2, 0.1], 'instances': [2.0, 2.0]}
    """
    video = ground_truth["video"].astype(object)
    length = (ground_truth["end"] - ground_truth["start"]).to_numpy(dtype=np.float64)
    duration = np.full(len(length), np.nan)
    if durations is not None:
        duration = video.map(durations).to_numpy(dtype=np.float64)
    return {
        "length": length,
        "coverage": np.minimum(length / duration, 1.0),
        "instances": video.map(video.value_counts()).to_numpy(dtype=np.float64),
    }


def bin_edges(bins: str, name: str, values: Floats) -> list[float]:
    """The inner edges of the bins of a characteristic.

    bins: a name of `EDGES`, or `quantiles` for up to five bins of about as many instances each, whose edges
    are values of the ground truth at hand. Raises `HcutalError` for another name.

    >>> bin_edges("thumos14", "length", np.zeros(1))
    [3.0, 6.0, 12.0, 18.0]
    >>> bin_edges("quantiles", "length", np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    [1.0, 2.0, 3.0, 4.0]
    """
    if bins == QUANTILES:
        known = values[np.isfinite(values)]
        edges = np.unique(np.quantile(known, [0.2, 0.4, 0.6, 0.8], method="inverted_cdf"))
        return [float(edge) for edge in edges if edge < known.max()]
    if bins not in EDGES:
        raise HcutalError(f"bins are {bins!r}; expected one of {', '.join([*EDGES, QUANTILES])}")
    return [float(edge) for edge in EDGES[bins][name]]


def by_bins(values: Floats, edges: Sequence[float], errors: Errors) -> list[Bin]:
    """Missed instances and normalised mAP of each bin; instances whose value is NaN are in none."""
    place = np.searchsorted(edges, values, side="left")
    rows = []
    for index, up_to in enumerate([*edges, None]):
        inside = (place == index) & ~np.isnan(values)
        number, missed = int(inside.sum()), int((inside & errors.missed).sum())
        rows.append(
            Bin(
                name=NAMES[index],
                above=float(edges[index - 1]) if index else 0.0,
                up_to=up_to,
                instances=number,
                missed=missed,
                missed_share=missed / number if number else float("nan"),
                normalised_map=normalised_map(errors, inside),
            )
        )
    return rows


def normalised_map(errors: Errors, chosen: Flags) -> float:
    """mAP_N of the instances `chosen`, [G]; the others are neither to be found nor false when they are found.

    With R the recall of the chosen instances of a class and F the false positives of the class so far, precision
    is R N / (R N + F), with N the mean number of instances of a class in the whole ground truth: groups of
    instances of different size become comparable (Hoiem et al., 2012; Alwassel et al., 2018). Interpolated AP,
    averaged over the classes with a chosen instance; NaN without any.

    Of two instances the first is found, after a false positive. For it alone R = 1, N = 2, F = 1:

    >>> from hcutal.evaluate.diagnosis_errors import find_errors
    >>> truth = pd.DataFrame({"video": "v", "start": [0, 20], "end": [10, 30], "label": "run"})
    >>> found = pd.DataFrame(
    ...     {"video": "v", "start": [50, 0], "end": [60, 10], "label": "run", "score": [0.9, 0.8]}
    ... )
    >>> round(normalised_map(find_errors(truth, found), np.array([True, False])), 4)
    0.6667
    """
    task = errors.task
    number = len(task.classes)
    wanted = np.bincount(task.instance_class[chosen], minlength=number)
    if not wanted.any():
        return float("nan")
    true = np.flatnonzero(errors.are("true"))
    false = task.rank[true] - place_in_class(task.found_class[true])
    counted = chosen[errors.target[true]]
    label, false = task.found_class[true][counted], false[counted]
    scaled = place_in_class(label) / wanted[label] * (len(chosen) / number)
    # Precision falls at a false positive: the best at or beyond a recall stands at a true positive.
    best = best_from_here(scaled / (scaled + false), starts_of(label))
    total = np.bincount(label, weights=best, minlength=number)
    return float(np.mean(total[wanted > 0] / wanted[wanted > 0]))
