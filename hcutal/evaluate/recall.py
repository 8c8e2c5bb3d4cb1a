"""Average recall of proposals, whatever their class, as ActivityNet's proposal task defines it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hcutal.evaluate.coding import codes, segments
from hcutal.evaluate.detection import checked_tiou
from hcutal.evaluate.matching import Codes, overlapping_pairs
from hcutal.evaluate.ranks import by_group_and_score

# ActivityNet looks at an average of 1 to 100 proposals a video.
MOST = 100


def average_recall(
    ground_truth: pd.DataFrame, predictions: pd.DataFrame, tiou: Sequence[float], numbers: Sequence[int]
) -> dict[int, float]:
    """Recall at an average number of proposals per video, averaged over tIoU thresholds, whatever the class.

    ActivityNet's rules for proposals, in exact integers: with N of `numbers`, every video gives the same
    share of its proposals, best scores first and rounded down, so that the average is N; the share is of its
    best ones at an average of 100 (or of the largest N, where that is more). An instance is recalled when any
    of them reaches the tIoU. Only videos with instances count. NaN without instances. Raises `HcutalError` for
    thresholds outside (0, 1].

    The first proposal overlaps one of two instances, by 0.8; the second one is the other instance:

    >>> truth = pd.DataFrame({"video": "v", "start": [0, 20], "end": [10, 30], "label": ["run", "jump"]})
    >>> found = pd.DataFrame({"video": "v", "start": [0, 20], "end": [8, 30], "score": [0.9, 0.5]})
    >>> average_recall(truth, found, tiou=[0.5, 0.9], numbers=[1, 2])
    {1: 0.25, 2: 0.75}
    """
    thresholds = checked_tiou(tiou)
    if not len(ground_truth) or not len(numbers):
        return dict.fromkeys(numbers, float("nan"))
    videos = pd.Index(ground_truth["video"].astype(object).unique())
    truth = segments(ground_truth, codes(ground_truth["video"], videos))
    video = codes(predictions["video"], videos)
    order = by_group_and_score(video, predictions["score"].to_numpy(dtype=np.float64))
    order = order[video[order] >= 0]
    count = np.bincount(video[order], minlength=len(videos))
    best = _share(count, max(MOST, *numbers))
    allowed = np.array([_share(best, number) for number in numbers])

    rank = np.arange(order.size) - np.repeat(np.cumsum(count) - count, count)
    kept = rank < best[video[order]]
    order, rank = order[kept], rank[kept]
    pairs = overlapping_pairs(segments(predictions, video).take(order), truth, min(thresholds))
    recall = np.zeros((len(thresholds), len(numbers)))
    for row, threshold in enumerate(thresholds):
        hits = pairs.above(threshold)
        first = np.full(len(ground_truth), np.iinfo(np.int64).max)
        np.minimum.at(first, hits.instance, rank[hits.prediction])
        recall[row] = (first < allowed[:, truth.group]).mean(axis=1)
    return dict(zip(numbers, recall.mean(axis=0).tolist(), strict=True))


def recall_and_area(
    ground_truth: pd.DataFrame, predictions: pd.DataFrame, tiou: Sequence[float], numbers: Sequence[int]
) -> tuple[dict[int, float], float]:
    """`average_recall` at `numbers`, and the area under the curve of 1 to 100 proposals per video.

    The area is ActivityNet's: by trapezoids over N = 1, 2, ..., 100, divided by 100. Recalling everything
    with the first proposal gives 0.99.

    >>> truth = pd.DataFrame({"video": ["v"], "start": [0], "end": [10], "label": ["run"]})
    >>> recall_and_area(truth, truth.assign(score=1.0), tiou=[0.5], numbers=[1, 10])
    ({1: 1.0, 10: 1.0}, 0.99)
    """
    curve = range(1, MOST + 1)
    every = [*curve, *(number for number in numbers if number > MOST)]
    recall = average_recall(ground_truth, predictions, tiou, every)
    area = float(np.trapezoid([recall[number] for number in curve])) / MOST
    return {number: recall[number] for number in numbers}, area


def _share(count: Codes, number: int) -> Codes:
    """The same share of `count` proposals for every video, so that `number` is the average; [n_videos]."""
    return np.minimum(count * number * count.size // max(int(count.sum()), 1), count)
