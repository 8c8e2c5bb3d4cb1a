"""Places and maxima within the classes of predictions that are sorted by class, then falling score."""

import numpy as np

from hcutal.evaluate.matching import Codes, Floats

# Codes below this are sorted by their two bytes, which is many times as fast.
SMALL = 2**15


def by_group_and_score(group: Codes, score: Floats) -> Codes:
    """The order by group [n], then falling score [n]; equal ones stay as they are.

    >>> by_group_and_score(np.array([1, 0, 1, -1]), np.array([0.5, 0.1, 0.9, 0.0])).tolist()
    [3, 1, 2, 0]
    """
    order = np.argsort(-score, kind="stable")
    by_score = group[order]
    if group.size and group.min() >= -SMALL and group.max() < SMALL:
        by_score = by_score.astype(np.int16)
    return order[np.argsort(by_score, kind="stable")].astype(np.int64)


def starts_of(label: Codes) -> Codes:
    """Where a new class begins in sorted `label` [n], at least 0."""
    return np.flatnonzero(np.diff(label, prepend=-1))


def place_in_class(label: Codes) -> Codes:
    """The place of each entry among those of its class, from 1; `label` [n] is sorted.

    >>> place_in_class(np.array([0, 0, 2])).tolist()
    [1, 2, 1]
    """
    starts = starts_of(label)
    sizes = np.diff(np.append(starts, label.size))
    return np.arange(1, label.size + 1) - np.repeat(starts, sizes)


def best_from_here(values: Floats, starts: Codes) -> Floats:
    """The highest of this and the later rows of the same part, [n, ...]; `starts` begin the parts.

    >>> best_from_here(np.array([1.0, 2.0, 0.5, 3.0]), starts=np.array([0, 2])).tolist()
    [2.0, 2.0, 3.0, 3.0]
    """
    best = np.empty_like(values)
    stops = [*starts.tolist()[1:], len(values)]
    for start, stop in zip(starts.tolist(), stops, strict=False):
        np.maximum.accumulate(values[start:stop][::-1], axis=0, out=best[start:stop][::-1])
    return best
