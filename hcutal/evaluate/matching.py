"""Overlaps of predictions with ground truth, and the greedy assignment of one to the other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Pairs that are looked at in one go: bounds the memory to a few hundred megabytes.
CHUNK = 4_000_000


@dataclass(frozen=True)
class Segments:
    """Segments with the group (e.g. video and class) in which they may be matched; group -1 matches nothing.

    group: [n]; start, end: [n] seconds.
    """

    group: Codes
    start: Floats
    end: Floats

    def take(self, index: Codes) -> "Segments":
        """The segments at `index`, in that order."""
        return Segments(self.group[index], self.start[index], self.end[index])


@dataclass(frozen=True)
class Pairs:
    """Overlapping (prediction, instance) pairs, by prediction, then by falling tIoU, then the later instance first."""

    prediction: Codes
    instance: Codes
    tiou: Floats

    def above(self, threshold: float) -> "Pairs":
        """The pairs with a tIoU of at least `threshold`, in the same order."""
        kept = self.tiou >= threshold
        return Pairs(self.prediction[kept], self.instance[kept], self.tiou[kept])


def temporal_iou(start_a: Floats, end_a: Floats, start_b: Floats, end_b: Floats) -> Floats:
    """Temporal intersection over union, elementwise (broadcasting); 0 where both segments are empty.

    >>> temporal_iou(np.array([0.0, 0.0]), np.array([10.0, 10.0]), np.array([5.0, 20.0]), np.array([15.0, 30.0]))
    array([0.33333333, 0.        ])
    """
    intersection = np.maximum(np.minimum(end_a, end_b) - np.maximum(start_a, start_b), 0.0)
    union = (end_a - start_a) + (end_b - start_b) - intersection
    iou: Floats = np.divide(intersection, union, out=np.zeros_like(union), where=union > 0)
    return iou


def overlapping_pairs(predictions: Segments, instances: Segments, minimum: float) -> Pairs:
    """All pairs of the same group with a tIoU of at least `minimum`, which must be above 0.

    >>> one = Segments(np.array([0]), np.array([0.0]), np.array([10.0]))
    >>> three = Segments(np.array([0, 0, 1]), np.array([5.0, 0.0, 0.0]), np.array([15.0, 9.0, 10.0]))
    >>> pairs = overlapping_pairs(one, three, 0.1)
    >>> pairs.instance.tolist(), pairs.tiou.round(2).tolist()
    ([1, 0], [0.9, 0.33])
    """
    by_start = np.lexsort((instances.start, instances.group))
    first, count = _candidates(predictions, instances.take(by_start))
    total = np.cumsum(count)
    # Whole predictions only: their pairs are sorted by tIoU.
    cuts = np.searchsorted(total, np.arange(CHUNK, total[-1] if total.size else 0, CHUNK), side="right")
    parts = [
        _pairs_of(predictions, instances, by_start, first, count, part, minimum)
        for part in np.split(np.arange(count.size), np.unique(cuts))
    ]
    found = Pairs(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("prediction", "instance", "tiou"))
    )
    order = _best_first(found)
    return Pairs(found.prediction[order], found.instance[order], found.tiou[order])


def _candidates(predictions: Segments, instances: Segments) -> tuple[Codes, Codes]:
    """The first instance that each prediction may overlap, and how many from there on, [N] each.

    instances: sorted by group, then start. Those that end before the prediction starts are left out as far as all
    before them in their group do as well, and those that start after its end.
    """
    groups, begin = np.unique(instances.group, return_index=True)
    if not groups.size:
        nothing = np.zeros(predictions.group.size, dtype=np.int64)
        return nothing, nothing
    end = np.append(begin[1:], instances.group.size)
    latest = _running_maximum(instances.end, begin, end)
    place = np.minimum(np.searchsorted(groups, predictions.group), groups.size - 1)
    known = (groups[place] == predictions.group) & (predictions.group >= 0)
    low, high = np.where(known, begin[place], 0), np.where(known, end[place], 0)
    first = _first_above(latest, predictions.start, low, high)
    last = _first_above(instances.start, predictions.end, first, high)
    return first, last - first


def _running_maximum(values: Floats, begin: Codes, end: Codes) -> Floats:
    """The highest value so far in each of the parts from `begin` to before `end`."""
    highest = np.empty_like(values)
    for first, last in zip(begin.tolist(), end.tolist(), strict=True):
        np.maximum.accumulate(values[first:last], out=highest[first:last])
    return highest


def _first_above(values: Floats, limit: Floats, low: Codes, high: Codes) -> Codes:
    """For each limit the first position from `low` to before `high` whose value is above it, else `high`; [n].

    Values rise between `low` and `high`. A binary search for all limits at once.
    """
    low, high = low.copy(), high.copy()
    unsettled = np.flatnonzero(low < high)
    while unsettled.size:
        middle = (low[unsettled] + high[unsettled]) // 2
        above = values[middle] > limit[unsettled]
        high[unsettled[above]] = middle[above]
        low[unsettled[~above]] = middle[~above] + 1
        unsettled = unsettled[low[unsettled] < high[unsettled]]
    return low


def _pairs_of(
    predictions: Segments,
    instances: Segments,
    by_start: Codes,
    first: Codes,
    count: Codes,
    part: Codes,
    minimum: float,
) -> Pairs:
    n = count[part]
    prediction = np.repeat(part, n)
    offset = np.arange(prediction.size) - np.repeat(np.cumsum(n) - n, n)
    instance = by_start[np.repeat(first[part], n) + offset]
    tiou = temporal_iou(
        predictions.start[prediction],
        predictions.end[prediction],
        instances.start[instance],
        instances.end[instance],
    )
    kept = tiou >= minimum
    return Pairs(prediction[kept], instance[kept], tiou[kept])


def _best_first(pairs: Pairs) -> Codes:
    """The order of `Pairs` for pairs that are sorted by prediction alone."""
    begin = _changes(pairs.prediction)
    count = np.diff(np.append(begin, pairs.prediction.size))
    order = np.arange(pairs.prediction.size)
    # Predictions with as many pairs each are sorted together, as rows of a matrix.
    for number in np.unique(count[count > 1]).tolist():
        rows = begin[count == number][:, None] + np.arange(number)
        best = np.lexsort((-pairs.instance[rows], -pairs.tiou[rows]), axis=1)
        order[rows] = np.take_along_axis(rows, best, axis=1)
    return order


def _changes(values: Codes) -> Codes:
    """Where another value begins, and the first place."""
    return np.flatnonzero(np.diff(values, prepend=values[:1] - 1))


def greedy_matches(pairs: Pairs, instances: int) -> Codes:
    """The predictions that get an instance in `greedy_assignment`."""
    return greedy_assignment(pairs, instances)[0]


def greedy_assignment(pairs: Pairs, instances: int) -> tuple[Codes, Codes]:
    """Predictions and the instances they get when they choose in the order of their index, each instance once.

    Every prediction takes the free instance of highest tIoU among its pairs. The sequential choice is the one
    stable matching when all instances prefer the lower index, so it is found by deferred acceptance (Gale and
    Shapley): in each round all predictions ask for their current choice, each instance keeps the lowest
    index, and the others go on to their next choice. The number of rounds is small, whatever the number of
    predictions.

    Predictions 0 and 1 like instance 0 best; 0 is the first to choose, and 1 takes its second choice. For 2
    nothing is left:

    >>> pairs = Pairs(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]), np.array([0.9, 0.8, 0.6, 0.7]))
    >>> prediction, instance = greedy_assignment(pairs, instances=2)
    >>> prediction.tolist(), instance.tolist()
    ([0, 1], [0, 1])
    """
    choice = _changes(pairs.prediction)
    asking = pairs.prediction[choice]
    last = np.append(choice[1:], pairs.prediction.size)
    holder = np.empty(instances, dtype=np.int64)
    while asking.size:
        wanted = pairs.instance[choice]
        holder.fill(np.iinfo(np.int64).max)
        np.minimum.at(holder, wanted, asking)
        refused = holder[wanted] != asking
        if not refused.any():
            break
        choice = choice + refused
        going_on = choice < last
        asking, choice, last = asking[going_on], choice[going_on], last[going_on]
    return asking.astype(np.int64), pairs.instance[choice]
