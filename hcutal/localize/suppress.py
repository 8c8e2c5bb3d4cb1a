"""Non-maximum suppression of temporal proposals, for many groups (a class of a recording each) at once.

Only proposals of one group that overlap have to do with each other. Runs above thresholds lie in each other or apart,
so that those are few of all pairs: they are found once, and everything else works on them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Overlaps:
    """Pairs of proposals of one group that overlap, each pair once.

    Attributes:
        first, second: [P], the two proposals.
        tiou: [P].
    """

    first: Index
    second: Index
    tiou: Floats


def overlaps(
    start: Floats, end: Floats, group: Index, threshold: float = 0.0, extra: float = 0.0
) -> Overlaps:
    """All pairs of proposals of one group whose tIoU is above `threshold`, which is 0 or more.

    Args:
        start, end: [n] each, in seconds.
        group: [n]; proposals of different groups do not overlap.
        threshold: tIoU.
        extra: seconds that are added to all lengths and to the overlap.

    >>> pairs = overlaps(np.array([0.0, 1.0, 7.0]), np.array([4.0, 5.0, 9.0]), np.zeros(3, dtype=np.int64))
    >>> pairs.first.tolist(), pairs.second.tolist(), pairs.tiou.tolist()
    ([0], [1], [0.6])
    """
    order = np.lexsort((start, group))
    start, end = start[order], end[order]
    length = end - start + extra
    # In the order of starts, a proposal overlaps those after it up to the first that starts at its end, or where less
    # than the share `threshold` of its length is left. (A little less than that, as sums are rounded.)
    limit = end + extra - threshold * (1 - 1e-9) * length
    last = np.empty(order.size, dtype=np.int64)
    for begin, stop in _parts(group[order]):
        last[begin:stop] = begin + np.searchsorted(start[begin:stop], limit[begin:stop])
    count = np.maximum(last - np.arange(order.size) - 1, 0)
    one = np.repeat(np.arange(order.size), count)
    other = np.arange(one.size) - np.repeat(np.cumsum(count) - count, count) + one + 1
    shared = np.minimum(end[one], end[other])
    shared -= start[other]
    shared += extra
    union = length[one]
    union += length[other]
    union -= shared
    # Where both are empty, nothing is shared.
    tiou = np.divide(shared, union, out=np.zeros_like(union), where=union > 0)
    found = np.flatnonzero(tiou > threshold)
    return Overlaps(order[one[found]], order[other[found]], tiou[found])


def _parts(group: Index) -> list[tuple[int, int]]:
    """Begin and end of each group in sorted `group` [n]."""
    begin = np.flatnonzero(np.diff(group, prepend=group[:1] - 1)).tolist()
    return list(zip(begin, [*begin[1:], group.size], strict=True)) if begin else []


def hard_nms(
    start: Floats,
    end: Floats,
    score: Floats,
    threshold: float,
    extra: float = 0.0,
    group: Index | None = None,
) -> Index:
    """Hard suppression: a proposal is dropped when its tIoU with a better one that stays is above the threshold.

    Args:
        start, end, score: [n] each, in seconds.
        threshold: tIoU.
        extra: seconds that are added to all lengths and to the overlap. 1 gives the suppression of the published code,
            which drops short proposals that overlap little.
        group: [n], proposals of different groups let each other be; None: all are of one group.

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
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    rivals = overlaps(start, end, _one_group(score) if group is None else group, threshold, extra)
    first, second = place[rivals.first], place[rivals.second]
    return order[_survivors(np.minimum(first, second), np.maximum(first, second), order.size)]


def _survivors(better: Index, worse: Index, count: int) -> npt.NDArray[np.bool_]:
    """Which of `count` proposals stay; better[i], if it stays, removes worse[i], [P] each.

    The rule is applied to all at once until nothing changes: n rounds settle every proposal whose fate depends on a
    chain of fewer than n better ones.
    """
    stays = np.ones(count, dtype=np.bool_)
    while True:
        update = np.ones(count, dtype=np.bool_)
        update[worse[stays[better]]] = False
        if np.array_equal(update, stays):
            return stays
        stays = update


def soft_nms(
    start: Floats, end: Floats, score: Floats, sigma: float, group: Index | None = None
) -> tuple[Index, Floats]:
    """Gaussian soft suppression (Bodla et al., Soft-NMS, ICCV 2017, arXiv:1704.04503).

    The best proposal is taken, the scores of all others are multiplied by exp(-tIoU^2 / sigma), and so on. Scores of
    0 or less stay as they are, as a factor below 1 would raise them.

    Args:
        start, end, score: [n] each, in seconds.
        sigma: width; above 0.
        group: [n], proposals of different groups let each other be; None: all are of one group.

    Returns:
        All indices by falling new score, and the new scores in that order; of equal scores, the first comes first.

    The second has a tIoU of .5 with the first, and is lowered by exp(-.25 / .5):

    >>> start, end, score = np.array([0.0, 0.0, 7.0]), np.array([4.0, 2.0, 9.0]), np.array([1.0, 0.8, 0.7])
    >>> index, new = soft_nms(start, end, score, sigma=0.5)
    >>> index.tolist(), new.round(3).tolist()
    ([0, 2, 1], [1.0, 0.7, 0.485])
    """
    new = score.astype(np.float64)
    positive = np.flatnonzero(score > 0)
    groups = _one_group(positive) if group is None else group[positive]
    pairs = overlaps(start[positive], end[positive], groups)
    new[positive] = _decayed(score[positive], groups, pairs, np.exp(-(pairs.tiou**2) / sigma))
    index = np.argsort(-new, kind="stable").astype(np.int64)
    return index, new[index]


def _decayed(score: Floats, group: Index, pairs: Overlaps, factor: Floats) -> Floats:
    """The new scores, [n], of proposals with scores above 0; factor: [P], by which a pair lowers the one taken later.

    In each step the best of every group is taken, so that there are as many steps as the largest group has proposals.
    """
    columns = _Columns.of(group)
    place = columns.place
    current = np.zeros(columns.rows * columns.width)
    current[place] = score
    by_row = current.reshape(columns.rows, columns.width)
    new = np.zeros_like(current)
    # What a proposal lowers: entries begin[i] to begin[i + 1] - 1 of `lowered` and `by`.
    one = np.concatenate([place[pairs.first], place[pairs.second]])
    order = np.argsort(one, kind="stable")
    lowered = np.concatenate([place[pairs.second], place[pairs.first]])[order]
    by = np.concatenate([factor, factor])[order]
    count = np.bincount(one, minlength=current.size)
    begin = np.cumsum(count) - count
    offset = np.arange(columns.rows) * columns.width
    for rows in columns.active:
        best = by_row[:rows].argmax(axis=1)
        best += offset[:rows]
        # Where all that is left has sunk to 0, the best may have been taken before.
        new[best] = np.maximum(new[best], current[best])
        current[best] = 0.0
        many = count[best]
        total = np.cumsum(many)
        if total[-1]:
            entry = np.arange(total[-1])
            entry += np.repeat(begin[best] - (total - many), many)
            current[lowered[entry]] *= by[entry]
    return np.asarray(new[place])


@dataclass(frozen=True)
class _Columns:
    """Proposals as cells of a matrix with a row a group, largest group first.

    Attributes:
        rows, width: groups, and proposals of the largest one.
        place: [n], the cell of each proposal, row * width + column; in the order of the proposals within a row.
        active: [width], how many groups have more proposals than the steps before.
    """

    rows: int
    width: int
    place: Index
    active: list[int]

    @classmethod
    def of(cls, group: Index) -> "_Columns":
        _, row, size = np.unique(group, return_inverse=True, return_counts=True)
        order = np.argsort(row, kind="stable")
        column = np.empty(group.size, dtype=np.int64)
        column[order] = np.arange(group.size) - np.repeat(np.cumsum(size) - size, size)
        by_size = np.argsort(-size, kind="stable")
        rank = np.empty_like(by_size)
        rank[by_size] = np.arange(size.size)
        width = int(size.max(initial=0))
        active = size.size - np.cumsum(np.bincount(size, minlength=width + 1))[:width]
        return cls(size.size, width, rank[row] * width + column, active.tolist())


def _one_group(values: npt.NDArray[np.generic]) -> Index:
    return np.zeros(values.size, dtype=np.int64)
