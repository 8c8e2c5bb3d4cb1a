"""Why a detector scores what it scores: kinds of errors, what mending them gains, and where instances are missed."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.calibration import Calibration, calibrate
from hcutal.evaluate.diagnosis_errors import Errors, count_groups, count_kinds, find_errors
from hcutal.evaluate.matching import Floats
from hcutal.evaluate.mending import gains
from hcutal.evaluate.sensitivity import QUANTILES, Bin, bin_edges, by_bins, characteristics, normalised_map

# As many groups of the best predictions are looked at (Alwassel et al., 2018).
GROUPS = 10


@dataclass(frozen=True)
class Diagnosis:
    """The findings at one tIoU; docs/diagnosis.md has every definition.

    missed: instances without a true positive; unnoticed: those of them that no localization error and no wrong
    label points to; other_classes: predictions of classes without ground truth, which count for nothing.
    kinds: predictions of each kind; groups: the same among the best G of each class, the next G and so on, G
    being its number of instances; gains: by how much the mAP rises when a kind is mended; by: bins of each
    characteristic; unknown_coverage: instances of videos whose duration is unknown.
    """

    tiou: float
    touch: float
    bins: str
    classes: int
    instances: int
    missed: int
    unnoticed: int
    predictions: int
    other_classes: int
    mean_ap: float
    kinds: dict[str, int]
    groups: list[dict[str, int]]
    gains: dict[str, float]
    normalised_map: float
    by: dict[str, list[Bin]]
    unknown_coverage: int
    calibration: Calibration

    def as_dict(self) -> dict[str, Any]:
        """Nested plain values, ready to be written as JSON."""
        return asdict(self)


def diagnose(
    ground_truth: pd.DataFrame,
    predictions: pd.DataFrame,
    durations: "pd.Series[float] | None" = None,
    tiou: float = 0.5,
    touch: float = 0.1,
    bins: str = QUANTILES,
) -> Diagnosis:
    """Find the errors of predictions at one tIoU, and what they depend on.

    ground_truth: columns video, start, end, label; predictions: the same and score; durations: seconds by
    video; where it knows none of the videos, nothing is grouped by coverage. touch: the tIoU below which a
    prediction has nothing to do with an instance. bins: the edges of `sensitivity.bin_edges`. Raises
    `HcutalError` without instances and for thresholds or bins that cannot be.

    The first prediction is right; the second one overlaps its instance by 0.4 only, which is half of the mAP:

    >>> truth = pd.DataFrame({"video": "v", "start": [0, 20], "end": [10, 30], "label": "run"})
    >>> found = truth.assign(end=[10, 24], score=[0.9, 0.8])
    >>> diagnosis = diagnose(truth, found)
    >>> {kind: count for kind, count in diagnosis.kinds.items() if count}
    {'true': 1, 'localization': 1}
    >>> diagnosis.mean_ap, diagnosis.gains["localization"], diagnosis.missed
    (0.5, 0.5, 1)
    """
    if ground_truth.empty:
        raise HcutalError("there is no instance in the ground truth; expected one or more")
    errors = find_errors(ground_truth, predictions, tiou, touch)
    return diagnose_errors(errors, ground_truth, predictions, durations, bins)


def diagnose_errors(
    errors: Errors,
    ground_truth: pd.DataFrame,
    predictions: pd.DataFrame,
    durations: "pd.Series[float] | None",
    bins: str,
) -> Diagnosis:
    """`diagnose` where the errors of `predictions` are known; one instance or more."""
    values = characteristics(ground_truth, durations)
    unknown = np.isnan(values["coverage"])
    mean_ap, gained = gains(errors, predictions["score"].to_numpy(dtype=np.float64))
    return Diagnosis(
        tiou=errors.tiou,
        touch=errors.touch,
        bins=bins,
        classes=len(errors.task.classes),
        instances=len(ground_truth),
        missed=int(errors.missed.sum()),
        unnoticed=int(errors.unnoticed.sum()),
        predictions=len(predictions),
        other_classes=len(predictions) - len(errors.kind),
        mean_ap=mean_ap,
        kinds=count_kinds(errors),
        groups=list(count_groups(errors, GROUPS)),
        gains=gained,
        normalised_map=normalised_map(errors, np.ones(len(ground_truth), dtype=bool)),
        by={
            name: _bins(bins, name, value, errors)
            for name, value in values.items()
            if not np.isnan(value).all()
        },
        unknown_coverage=int(unknown.sum()),
        calibration=calibrate(
            predictions["score"].to_numpy(dtype=np.float64)[errors.task.row], errors.are("true")
        ),
    )


def _bins(bins: str, name: str, values: Floats, errors: Errors) -> list[Bin]:
    return by_bins(values, bin_edges(bins, name, values), errors)
