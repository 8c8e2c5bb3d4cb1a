"""mAP under draws of videos with replacement, exactly and without matching anew.

Matching stays within a video, so that it is done once, and a draw is no more than a weight for each video: how
often it was drawn. Copies of a prediction stand together in the ranking. From one copy of a true positive to
the next precision does not fall, so that all of them share the best precision at or after the last one:

    AP = sum over true positives of weight * best weighted precision at or after it / weight of the instances.

A class without an instance in a draw is left out of that draw's mean, as in an evaluation of those videos.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.coding import codes
from hcutal.evaluate.detection import Matches
from hcutal.evaluate.matching import Codes, Floats
from hcutal.evaluate.ranks import best_from_here, starts_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Numbers of an array that is made for a chunk of draws; a few of them exist at a time.
CHUNK = 1_000_000


def drawn_maps(
    matches: Matches,
    ground_truth: pd.DataFrame,
    predictions: pd.DataFrame,
    videos: Sequence[str],
    draws: int,
    seed: int,
) -> Floats:
    """The mAP of each of `draws` draws of as many `videos` as there are, [draws, n_tiou].

    NaN for a draw without any instance. matches: of `predictions` with `ground_truth`, whose videos are all in
    `videos`. Predictions of other videos belong to none that can be drawn: they count once in every draw.
    """
    if draws < 1:
        raise HcutalError(f"draws are {draws}; expected 1 or more")
    drawable = _drawable(matches, ground_truth, predictions, pd.Index(list(videos), dtype="object"))
    step = CHUNK // max(len(videos), drawable.label.size, 1) + 1
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [drawable.maps(_with_others(how_often(rng, len(videos), n))) for n in chunks(draws, step)]
    )


@dataclass(frozen=True)
class _Drawable:
    """What a draw needs of the matches.

    A candidate is a prediction that is true at any tIoU; candidates are sorted by class, then rank. label: [U]
    class of the candidates; video: [U] column of their video; preceding: [U, V + 1] predictions after the
    previous candidate of the class and up to this one, by video; true: for each tIoU, the candidates that are
    true; instances: [C, V + 1] instances by class and video. Column V: videos that are not drawn from.
    """

    label: Codes
    video: Codes
    preceding: "csr_array"
    true: list[Codes]
    instances: "csr_array"

    def maps(self, weights: Floats) -> Floats:
        """The mAP in draws that give the videos these weights, [V + 1, draws]; [draws, n_tiou]."""
        instances = self.instances @ weights
        before = _running_sum(self.preceding @ weights, starts_of(self.label))
        means = []
        for true in self.true:
            own, starts = weights[self.video[true]], starts_of(self.label[true])
            hits = _running_sum(own, starts)
            # A candidate that is not drawn has no weight: its precision is that of the last one drawn.
            precision = np.divide(hits, before[true], out=np.zeros_like(hits), where=before[true] > 0)
            ap = np.zeros_like(instances)
            if true.size:
                area = own * best_from_here(precision, starts)
                ap[self.label[true[starts]]] = np.add.reduceat(area, starts, axis=0)
            np.divide(ap, instances, out=ap, where=instances > 0)
            means.append(ap.sum(axis=0))
        drawn = (instances > 0).sum(axis=0)
        without = np.full((len(means), drawn.size), np.nan)
        return np.asarray(np.divide(means, drawn, out=without, where=drawn > 0).T)


def _drawable(
    matches: Matches, ground_truth: pd.DataFrame, predictions: pd.DataFrame, videos: "pd.Index[str]"
) -> _Drawable:
    task, columns = matches.task, len(videos) + 1
    instance_video = codes(ground_truth["video"], videos)
    if (instance_video < 0).any():
        name = ground_truth["video"].iloc[int((instance_video < 0).argmax())]
        raise HcutalError(f"the video {name!r} of the ground truth is not among those that are drawn from")
    # Position -1, of a video that cannot be drawn, becomes the last column.
    video = codes(predictions["video"], videos)[task.row] % columns
    candidates = np.unique(np.concatenate(matches.true))
    label = task.found_class[candidates]
    following = np.searchsorted(candidates, np.arange(video.size))
    counted = following < candidates.size
    counted[counted] = label[following[counted]] == task.found_class[counted]
    return _Drawable(
        label=label,
        video=video[candidates],
        preceding=_count(following[counted], video[counted], (candidates.size, columns)),
        true=[np.searchsorted(candidates, true) for true in matches.true],
        instances=_count(task.instance_class, instance_video, (len(task.classes), columns)),
    )


def how_often(rng: np.random.Generator, videos: int, draws: int) -> Floats:
    """How often each video is in each of some draws of as many videos as there are, [videos, draws]."""
    return rng.multinomial(videos, np.full(videos, 1 / max(videos, 1)), size=draws).T.astype(np.float64)


def chunks(draws: int, step: int) -> Iterator[int]:
    """Sizes, `step` at most, that make `draws` together."""
    return (min(step, draws - done) for done in range(0, draws, step))


def _with_others(weights: Floats) -> Floats:
    """A last row of ones: videos that are not drawn from count once in every draw."""
    return np.concatenate([weights, np.ones((1, weights.shape[1]))])


def _count(row: Codes, column: Codes, shape: tuple[int, int]) -> "csr_array":
    # Slow to import, and needed for draws alone.
    from scipy.sparse import csr_array

    return csr_array((np.ones(row.size), (row, column)), shape=shape)


def _running_sum(values: Floats, starts: Codes) -> Floats:
    """Sum of the rows so far, anew from each of `starts`; exact for whole numbers."""
    total = np.cumsum(values, axis=0)
    sizes = np.diff(np.append(starts, len(values)))
    return np.asarray(total - np.repeat((total - values)[starts], sizes, axis=0))
