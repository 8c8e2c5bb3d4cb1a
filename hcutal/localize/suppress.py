"""Non-maximum suppression of temporal proposals of one class."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

# How many proposals are compared with each other in one matrix.
BLOCK = 512


def hard_nms(start: Floats, end: Floats, score: Floats, threshold: float, extra: float = 0.0) -> Index:
    """Hard suppression: a proposal is dropped when its tIoU with a better one that stays is above the threshold.

    Args:
        start, end, score: [n] each, in seconds.
        threshold: tIoU.
        extra: seconds that are added to all lengths and to the overlap. 1 gives the suppression of the published code,
            which drops short proposals that overlap little.

    Returns:
        Indices of the proposals that stay, by falling score; of equal scores, the first comes first.

    The second overlaps with the first by 3 of 5 s (tIoU .6):

    >>> start, end, score = np.array([0.0, 1.0, 7.0]), np.array([4.0, 5.0, 9.0]), np.array([0.9, 0.8, 0.7])
    >>> hard_nms(start, end, score, threshold=0.5).tolist()
    [0, 2]
    >>> hard_nms(start, end, score, threshold=0.6).tolist()
    [0, 1, 2]
    """
    order = np.argsort(-score, kind="stable").astype(np.int64)
    kept = np.empty(0, dtype=np.int64)
    for first in range(0, order.size, BLOCK):
        block = order[first : first + BLOCK]
        overlap = _overlaps(start, end, kept, block, extra) > threshold
        block = block[~overlap.any(axis=0)]
        rivals = np.triu(_overlaps(start, end, block, block, extra) > threshold, k=1)
        kept = np.concatenate([kept, block[_survivors(rivals)]])
    return kept


def _survivors(rivals: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which proposals stay, [n]; rivals[i, j] says that i, if it stays, removes j > i.

    The rule is applied to all at once until nothing changes: n rounds settle every proposal whose fate depends on a
    chain of fewer than n better ones.
    """
    stays = np.ones(len(rivals), dtype=np.bool_)
    while True:
        update = np.logical_not(rivals[stays].any(axis=0))
        if np.array_equal(update, stays):
            return stays
        stays = update


def _overlaps(start: Floats, end: Floats, rows: Index, columns: Index, extra: float = 0.0) -> Floats:
    """tIoU of the proposals `rows` with `columns`, [rows, columns]."""
    later = np.maximum(start[rows, None], start[columns])
    intersection = np.maximum(np.minimum(end[rows, None], end[columns]) - later + extra, 0.0)
    length = end - start + extra
    union = length[rows, None] + length[columns] - intersection
    return np.divide(intersection, union, out=np.zeros_like(union), where=union > 0)


def soft_nms(start: Floats, end: Floats, score: Floats, sigma: float) -> tuple[Index, Floats]:
    """Gaussian soft suppression (Bodla et al., Soft-NMS, ICCV 2017, arXiv:1704.04503).

    The best proposal is taken, the scores of all others are multiplied by exp(-tIoU^2 / sigma), and so on. Scores of
    0 or less stay as they are, as a factor below 1 would raise them.

    Args:
        start, end, score: [n] each, in seconds.
        sigma: width; above 0.

    Returns:
        All indices by falling new score, and the new scores in that order.

    The second has a tIoU of .5 with the first, and is lowered by exp(-.25 / .5):

    >>> start, end, score = np.array([0.0, 0.0, 7.0]), np.array([4.0, 2.0, 9.0]), np.array([1.0, 0.8, 0.7])
    >>> index, new = soft_nms(start, end, score, sigma=0.5)
    >>> index.tolist(), new.round(3).tolist()
    ([0, 2, 1], [1.0, 0.7, 0.485])
    """
    score = score.copy()
    left = np.arange(score.size, dtype=np.int64)
    taken = np.empty(score.size, dtype=np.int64)
    for place in range(score.size):
        best = left[[int(np.argmax(score[left]))]]
        taken[place] = best[0]
        left = left[left != best[0]]
        decay = np.exp(-(_overlaps(start, end, best, left)[0] ** 2) / sigma)
        score[left] *= np.where(score[left] > 0, decay, 1.0)
    return taken, score[taken]
