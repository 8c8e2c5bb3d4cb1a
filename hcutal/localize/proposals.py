"""From a class activation sequence to scored, named proposals (section 3.3 of HC-UTAL)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.localize.axis import TimeAxis, normalised
from hcutal.localize.suppress import hard_nms, soft_nms
from hcutal.params.propose import ProposeParams, Source

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
COLUMNS = ["start", "end", "label", "score"]

# Candidates that are suppressed together: bounds the memory to a few hundred megabytes.
TOGETHER = 50_000


@dataclass(frozen=True, eq=False)
class Candidates:
    """Scored proposals of a recording before suppression, by class, start and end.

    Attributes:
        label: [n], positions among the classes.
        start, end: [n], seconds.
        score: [n].
    """

    label: Index
    start: Floats
    end: Floats
    score: Floats


def selected_classes(scores: npt.NDArray[np.floating], threshold: float) -> Index:
    """Classes [n] whose score [C] reaches theta_class, else the best one; none when all scores are 0.

    >>> selected_classes(np.array([0.5, 0.2, 0.1]), threshold=0.2).tolist()
    [0, 1]
    >>> selected_classes(np.array([0.1, 0.15]), threshold=0.2).tolist()
    [1]
    """
    chosen = np.flatnonzero((scores >= threshold) & (scores > 0))
    if not chosen.size and scores.size and scores.max() > 0:
        chosen = np.array([np.argmax(scores)])
    return chosen.astype(np.int64)


def runs_above(
    values: Floats, thresholds: Sequence[float], reached: bool = False
) -> tuple[Index, Index, Index]:
    """Maximal runs of points above any of the thresholds.

    Args:
        values: [points, C].
        thresholds: theta_act; a point belongs to a run when its value is above the threshold.
        reached: whether it does as well when it equals the threshold and is above 0.

    Returns:
        Column, first point and point after the last of each run, [n] each; sorted, and each run once, however many
        thresholds it belongs to.

    >>> values = np.array([[0.0], [0.6], [0.9], [0.3], [0.6]])
    >>> column, start, end = runs_above(values, [0.5, 0.8])
    >>> [(int(first), int(last)) for first, last in zip(start, end)]
    [(1, 3), (2, 3), (4, 5)]
    """
    runs = runs_by_threshold(values, thresholds, reached)
    return _unpacked(np.unique(_packed(runs.column, runs.start, runs.end, len(values))), len(values))


@dataclass(frozen=True, eq=False)
class Runs:
    """Maximal runs of points above a threshold, by column, threshold and time.

    Attributes:
        column, start, end: [n], as of `runs_above`.
        threshold: [n], positions among the thresholds in rising order.
    """

    column: Index
    threshold: Index
    start: Index
    end: Index


def runs_by_threshold(values: Floats, thresholds: Sequence[float], reached: bool) -> Runs:
    """The runs above each of the thresholds; arguments as of `runs_above`.

    >>> runs = runs_by_threshold(np.array([[0.6], [0.9], [0.6]]), [0.8, 0.5], reached=False)
    >>> runs.threshold.tolist(), runs.start.tolist(), runs.end.tolist()
    ([0, 1], [0, 1], [3, 2])
    """
    rising = np.sort(np.asarray(thresholds, dtype=np.float64))
    points, columns = values.shape
    # How many thresholds each point is above, with points that are above none before and after.
    level = np.zeros((columns, points + 2), dtype=np.int64)
    level[:, 1:-1] = np.searchsorted(rising, values.T, side="right" if reached else "left")
    if reached:
        level[:, 1:-1][values.T <= 0] = 0
    step = np.diff(level, axis=1)
    column, point = np.nonzero(step)
    before, size = level[column, point], step[column, point]
    up, down = size > 0, size < 0
    starts = _crossings(column[up], before[up], size[up], point[up], rising.size, points)
    ends = _crossings(column[down], (before + size)[down], -size[down], point[down], rising.size, points)
    # The k-th start above a threshold belongs to the k-th end.
    group, start = np.divmod(starts, points + 1)
    column, threshold = np.divmod(group, max(rising.size, 1))
    return Runs(column, threshold, start, ends % (points + 1))


def _crossings(
    column: Index, lowest: Index, number: Index, point: Index, thresholds: int, points: int
) -> Index:
    """Column, threshold and point in one number, rising; each point passes `number` thresholds from `lowest` on."""
    which = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    group = np.repeat(column * thresholds + lowest, number) + which
    return np.sort(group * (points + 1) + np.repeat(point, number))


def _packed(column: Index, start: Index, end: Index, points: int) -> Index:
    """A run as one number; numbers rise with column, start and end."""
    return (column * (points + 1) + start) * (points + 1) + end


def _unpacked(run: Index, points: int) -> tuple[Index, Index, Index]:
    """Column, start and end of runs of `_packed`."""
    rest, end = np.divmod(run, points + 1)
    column, start = np.divmod(rest, points + 1)
    return column, start, end


def is_above(values: Floats, threshold: Floats | float, reached: bool) -> npt.NDArray[np.bool_]:
    """Which values are above the threshold, with `reached` also those that equal it and are above 0; broadcasts."""
    found = (values >= threshold) & (values > 0) if reached else values > threshold
    return np.asarray(found, dtype=np.bool_)


def contrast(
    values: Floats,
    column: Index,
    start: Index,
    end: Index,
    margin: float,
    right_margin: Literal["up", "down"] = "up",
) -> Floats:
    """Outer-inner contrast of runs: the mean inside minus the mean of the margins on both sides.

    Args:
        values: [points, C].
        column, start, end: [n] each; run i holds the points start[i] to end[i] - 1 of values[:, column[i]].
        margin: width of the outer part on each side, as a share of the length of the run; rounded up to points, and
            cut off at the ends of the sequence.
        right_margin: how the width on the right is rounded.

    Returns:
        [n]. Where nothing is left of the outer part, its mean counts as 0.

    The run of four ones has a margin of one point on each side, .2 and .4:

    >>> values = np.array([[0.2], [1.0], [1.0], [1.0], [1.0], [0.4]])
    >>> contrast(values, np.array([0]), np.array([1]), np.array([5]), margin=0.25).round(3).tolist()
    [0.7]
    """
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    width = margin * (end - start)
    before, after = np.ceil(width), np.ceil(width) if right_margin == "up" else np.floor(width)
    left = np.maximum(start - before.astype(np.int64), 0)
    right = np.minimum(end + after.astype(np.int64), len(values))
    inside = total[end, column] - total[start, column]
    outside = total[right, column] - total[left, column] - inside
    points = (right - left) - (end - start)
    mean = np.divide(outside, points, out=np.zeros_like(outside), where=points > 0)
    return np.asarray(inside / (end - start) - mean)


def localize(
    cas: npt.NDArray[np.floating],
    scores: npt.NDArray[np.floating],
    activity: Mapping[Source, npt.NDArray[np.floating]],
    axis: TimeAxis,
    classes: Sequence[str],
    params: ProposeParams,
) -> pd.DataFrame:
    """Proposals of one recording, by falling score: columns start, end (seconds), label, score.

    The score is the outer-inner contrast of the class's normalised CAS plus `class_weight` times the class score.

    Args:
        cas: [T', C], of the named classes.
        scores: [C], of the named classes.
        activity: `actionness` and `magnitude`, [T'] each, where `params.thresholds` has some for them.
        axis: of the T' snippets.
        classes: the C names.
        params: section `propose`.

    One second of action, between a second of background on each side:

    >>> from hcutal.data.times import SnippetTimes
    >>> axis = TimeAxis(np.arange(3), snippets=3, seconds=SnippetTimes(fps=1.0, frames=1, stride=1), upsample=1)
    >>> cas, params = np.array([[0.0], [2.0], [0.0]]), ProposeParams(class_weight=0.0)
    >>> localize(cas, np.array([0.9]), {}, axis, ["run"], params).to_dict("records")
    [{'start': 1.0, 'end': 2.0, 'label': 'run', 'score': 1.0}]
    """
    found = find_candidates(cas, scores, activity, axis, params)
    return next(settled([found], classes, params))


def find_candidates(
    cas: npt.NDArray[np.floating],
    scores: npt.NDArray[np.floating],
    activity: Mapping[Source, npt.NDArray[np.floating]],
    axis: TimeAxis,
    params: ProposeParams,
) -> Candidates:
    """The scored proposals of one recording before suppression; arguments as of `localize`."""
    chosen = selected_classes(scores, params.class_threshold)
    others = [source for source in params.thresholds.sources if source != "cas"]
    sequences = np.concatenate([cas[:, chosen], *(activity[source][:, None] for source in others)], axis=1)
    upsampled = axis.upsampled(normalised(sequences), params.anchor)
    values = upsampled[:, : chosen.size]
    found = []
    of_cas = None
    if params.thresholds.cas is not None:
        of_cas = runs_by_threshold(values, params.thresholds.cas, params.reached)
        found.append(_packed(of_cas.column, of_cas.start, of_cas.end, axis.points))
    for place, source in enumerate(others, start=chosen.size):
        thresholds = getattr(params.thresholds, source)
        _, first, last = runs_above(upsampled[:, place : place + 1], thresholds, params.reached)
        found += [_packed(np.full_like(first, own), first, last, axis.points) for own in range(chosen.size)]
    runs = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))
    column, first, last = _unpacked(runs, axis.points)
    score = contrast(values, column, first, last, params.margin, params.right_margin)
    if params.contrast == "thresholded" and of_cas is not None:
        score = _best_thresholded(score, runs, values, of_cas, params)
    score = score + params.class_weight * scores[chosen][column].astype(np.float64)
    start, end = axis.times(first), axis.times(last)
    kept = (end > start) & (end - start >= params.min_length) & (last - first >= params.shortest_run)
    return Candidates(chosen[column[kept]], start[kept], end[kept], score[kept])


def _best_thresholded(
    score: Floats, runs: Index, values: Floats, of_cas: Runs, params: ProposeParams
) -> Floats:
    """Contrasts [n] of `runs` in the CAS that is cut by the threshold, where that is higher than `score`.

    Points that are not above the threshold count as 0; where a run belongs to several thresholds, the best contrast
    counts. Inside nothing changes, so this is about the margins alone. Runs of other sources keep their score.
    """
    assert params.thresholds.cas is not None
    points, columns = values.shape
    rising = np.sort(np.asarray(params.thresholds.cas, dtype=np.float64))[:, None]
    above = is_above(values[:, None, :], rising, params.reached)
    # A column for each threshold and column of the values.
    zeroed = np.where(above, values[:, None, :], 0.0).reshape(points, -1)
    own = of_cas.threshold * columns + of_cas.column
    found = contrast(zeroed, own, of_cas.start, of_cas.end, params.margin, params.right_margin)
    best = score.copy()
    place = np.searchsorted(runs, _packed(of_cas.column, of_cas.start, of_cas.end, points))
    np.maximum.at(best, place, found)
    return best


def settled(
    found: Sequence[Candidates], classes: Sequence[str], params: ProposeParams
) -> Iterator[pd.DataFrame]:
    """The proposals of each recording, as `localize` gives them: suppressed within each class, the best of them.

    Args:
        found: the candidates of each recording.
        classes: the C names.
        params: section `propose`.
    """
    total = np.cumsum([each.score.size for each in found])
    part = total // TOGETHER
    for number in np.unique(part):
        some = [found[place] for place in np.flatnonzero(part == number).tolist()]
        yield from _settled_together(some, classes, params)


def _settled_together(
    found: Sequence[Candidates], classes: Sequence[str], params: ProposeParams
) -> Iterator[pd.DataFrame]:
    sizes = [each.score.size for each in found]
    recording = np.repeat(np.arange(len(found)), sizes)
    label, start, end, score = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("label", "start", "end", "score")
    )
    kept, score = _suppressed(recording * max(len(classes), 1) + label, start, end, score, params)
    # Both kinds of suppression give what stays by falling score.
    by_recording = np.argsort(recording[kept], kind="stable")
    kept, score = kept[by_recording], score[by_recording]
    ends = np.searchsorted(recording[kept], np.arange(1, len(found) + 1))
    names = np.array(classes, dtype=object)
    first = 0
    for last in ends.tolist():
        own = kept[first:last][: params.max_per_video]
        columns = (start[own], end[own], names[label[own]], score[first : first + own.size])
        yield pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
        first = last


def _suppressed(
    group: Index, start: Floats, end: Floats, score: Floats, params: ProposeParams
) -> tuple[Index, Floats]:
    """Suppression within every group: the indices that stay, and their scores, which soft suppression lowers."""
    how = params.suppression
    if how.soft is not None:
        return soft_nms(start, end, score, how.soft.sigma, group)
    assert how.hard is not None
    kept = hard_nms(start, end, score, how.hard.tiou, 1.0 if how.hard.plus_one else 0.0, group)
    return kept, score[kept]
