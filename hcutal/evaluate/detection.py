"""Mean average precision of detections and average recall of proposals, as ActivityNet defines them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.coding import codes, make_task, segments
from hcutal.evaluate.matching import Codes, Floats, greedy_matches, overlapping_pairs


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
    def average_map(self) -> float:
        """Mean of `mean_ap` over the thresholds; NaN without classes."""
        return float(self.mean_ap.mean())


def detection_map(
    ground_truth: pd.DataFrame, predictions: pd.DataFrame, tiou: Sequence[float]
) -> DetectionResult:
    """Interpolated average precision at each tIoU, for the classes of the ground truth.

    ground_truth: columns video, start, end, label; predictions: the same and score; times in seconds.

    ActivityNet's rules: predictions of a class choose in the order of falling score (equal scores: order of
    the rows); each takes the instance of its video and class with the highest tIoU that is not taken, if that
    tIoU reaches the threshold (equal tIoUs: order of the rows), and is false otherwise. Predictions in videos
    without an instance of their class are false; predictions of classes without ground truth are left out; a
    class without predictions scores 0. Raises `HcutalError` for thresholds outside (0, 1].
    """
    thresholds = _checked(tiou)
    task = make_task(ground_truth, predictions)
    counts = task.counts
    pairs = overlapping_pairs(task.found, task.instances, min(thresholds))
    ap = np.zeros((len(thresholds), len(task.classes)))
    for row, threshold in enumerate(thresholds):
        true = greedy_matches(pairs.above(threshold), len(ground_truth))
        ap[row] = _interpolated_ap(task.found_class[true], task.rank[true], counts)
    return DetectionResult(ap, task.classes, thresholds, counts)


def average_recall(
    ground_truth: pd.DataFrame, predictions: pd.DataFrame, tiou: Sequence[float], numbers: Sequence[int]
) -> dict[int, float]:
    """Recall at an average number of proposals per video, averaged over tIoU thresholds, whatever the class.

    ActivityNet's rules for proposals: with N of `numbers`, every video gives the same share of its proposals,
    N * videos / proposals, best scores first and rounded down, so that the average is N; an instance is
    recalled when any of them reaches the tIoU. Only videos with instances count. NaN without instances.
    """
    thresholds = _checked(tiou)
    if not len(ground_truth):
        return dict.fromkeys(numbers, float("nan"))
    videos = pd.Index(ground_truth["video"].astype(object).unique())
    truth = segments(ground_truth, codes(ground_truth["video"], videos))
    video = codes(predictions["video"], videos)
    order = np.lexsort((-predictions["score"].to_numpy(dtype=np.float64), video))
    order = order[video[order] >= 0]
    count = np.bincount(video[order], minlength=len(videos))
    allowed = {n: np.minimum(count * n * len(videos) // max(order.size, 1), count) for n in numbers}

    rank = np.arange(order.size) - np.repeat(np.cumsum(count) - count, count)
    limit = np.max(list(allowed.values()), axis=0) if allowed else count
    kept = rank < limit[video[order]]
    order, rank = order[kept], rank[kept]
    pairs = overlapping_pairs(segments(predictions, video).take(order), truth, min(thresholds))
    recall = np.zeros((len(thresholds), len(numbers)))
    for row, threshold in enumerate(thresholds):
        hits = pairs.above(threshold)
        first = np.full(len(ground_truth), np.iinfo(np.int64).max)
        np.minimum.at(first, hits.instance, rank[hits.prediction])
        recall[row] = [np.mean(first < allowed[n][truth.group]) for n in numbers]
    return {n: float(value) for n, value in zip(numbers, recall.mean(axis=0), strict=True)}


def _checked(tiou: Sequence[float]) -> list[float]:
    thresholds = [float(value) for value in tiou]
    if not thresholds or not all(0 < value <= 1 for value in thresholds):
        raise HcutalError(f"tIoU thresholds are {thresholds}; expected one or more, above 0 and at most 1")
    return thresholds


def _interpolated_ap(label: Codes, rank: npt.NDArray[np.int64], instances: Codes) -> Floats:
    """AP of each class from the classes and ranks of its true positives, sorted by class, then rank.

    Precision falls at a false positive, so the best precision at or beyond a recall stands at a true
    positive: AP is the mean over instances of the highest precision at this or any later true positive.
    """
    hits = np.arange(label.size) - np.searchsorted(label, label, side="left") + 1
    precision = pd.Series((hits / rank)[::-1])
    best = precision.groupby(label[::-1]).cummax().to_numpy()[::-1]
    total = np.bincount(label, weights=best, minlength=instances.size)
    return np.divide(total, instances, out=np.zeros(instances.size), where=instances > 0)
