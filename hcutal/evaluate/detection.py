"""Mean average precision of detections, as ActivityNet defines it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.coding import Task, make_task
from hcutal.evaluate.matching import Codes, Floats, Pairs, greedy_matches, overlapping_pairs
from hcutal.evaluate.ranks import best_from_here, place_in_class, starts_of


@dataclass(frozen=True)
class DetectionResult:
    """Average precision of every class at every tIoU threshold.

    ap: [n_tiou, n_classes]; classes: sorted; instances: [n_classes] ground-truth instances.
    """

    ap: Floats
    classes: list[str]
    tiou: list[float]
    instances: Codes

    @property
    def mean_ap(self) -> Floats:
        """Mean over classes, [n_tiou]; NaN without classes."""
        return self.ap.mean(axis=1) if self.classes else np.full(len(self.tiou), np.nan)

    @property
    def average_ap(self) -> Floats:
        """Mean over the thresholds, [n_classes]."""
        return np.asarray(self.ap.mean(axis=0))

    @property
    def average_map(self) -> float:
        """Mean of `mean_ap` over the thresholds; NaN without classes."""
        return float(self.mean_ap.mean())


@dataclass(frozen=True)
class Matches:
    """The true positives of a task.

    true: for each tIoU, positions in `task.found` of the predictions that have an instance, rising.
    """

    task: Task
    tiou: list[float]
    true: list[Codes]

    def result(self) -> DetectionResult:
        """Interpolated average precision."""
        counts = self.task.counts
        ap = [
            interpolated_ap(self.task.found_class[true], self.task.rank[true], counts) for true in self.true
        ]
        return DetectionResult(np.array(ap), self.task.classes, self.tiou, counts)


def detection_map(
    ground_truth: pd.DataFrame, predictions: pd.DataFrame, tiou: Sequence[float]
) -> DetectionResult:
    """Interpolated average precision at each tIoU, for the classes of the ground truth.

    ground_truth: columns video, start, end, label; predictions: the same and score; times in seconds.

    ActivityNet's rules: predictions of a class choose in the order of falling score (equal scores: order of
    the rows); each takes the instance of its video and class with the highest tIoU that is not taken, if that
    tIoU reaches the threshold (equal tIoUs: the last of the rows), and is false otherwise. Predictions in videos
    without an instance of their class are false; predictions of classes without ground truth are left out; a
    class without predictions scores 0. Raises `HcutalError` for thresholds outside (0, 1].

    Of two instances the better scored prediction finds one; the other one overlaps by half:

    >>> truth = pd.DataFrame({"video": "v", "start": [0, 20], "end": [10, 30], "label": "run"})
    >>> found = pd.DataFrame(
    ...     {"video": "v", "start": [0, 20], "end": [10, 25], "label": "run", "score": [0.9, 0.8]}
    ... )
    >>> result = detection_map(truth, found, [0.5, 0.7])
    >>> result.mean_ap.tolist(), result.average_map
    ([1.0, 0.5], 0.75)
    """
    return match(ground_truth, predictions, tiou).result()


def match(ground_truth: pd.DataFrame, predictions: pd.DataFrame, tiou: Sequence[float]) -> Matches:
    """The true positives at each tIoU by the rules of `detection_map`."""
    thresholds = checked_tiou(tiou)
    task = make_task(ground_truth, predictions)
    return match_pairs(task, overlapping_pairs(task.found, task.instances, min(thresholds)), thresholds)


def match_pairs(task: Task, pairs: Pairs, tiou: list[float]) -> Matches:
    """`match` where the pairs of one video and class with a tIoU of at least the lowest of `tiou` are known."""
    instances = len(task.instance_class)
    return Matches(task, tiou, [greedy_matches(pairs.above(threshold), instances) for threshold in tiou])


def checked_tiou(tiou: Sequence[float]) -> list[float]:
    """The thresholds as floats; `HcutalError` where there is none or one is outside (0, 1]."""
    thresholds = [float(value) for value in tiou]
    if not thresholds or not all(0 < value <= 1 for value in thresholds):
        raise HcutalError(f"tIoU thresholds are {thresholds}; expected one or more, above 0 and at most 1")
    return thresholds


def interpolated_ap(label: Codes, rank: Codes, instances: Codes) -> Floats:
    """AP of each class from the classes and ranks of its true positives, sorted by class, then rank.

    Precision falls at a false positive, so the best precision at or beyond a recall stands at a true
    positive: AP is the mean over instances of the highest precision at this or any later true positive.
    label, rank: [n]; instances: [C] instances of each class; AP: [C], 0 for a class without instances.

    The first and the third prediction are true, of four instances: (1 + 2/3) / 4.

    >>> interpolated_ap(np.array([0, 0]), np.array([1, 3]), np.array([4])).round(4)
    array([0.4167])
    """
    best = best_from_here(place_in_class(label) / rank, starts_of(label))
    total = np.bincount(label, weights=best, minlength=instances.size)
    return np.divide(total, instances, out=np.zeros(instances.size), where=instances > 0)
