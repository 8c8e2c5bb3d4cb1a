"""From a class activation sequence to scored, named proposals (section 3.3 of HC-UTAL)."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.localize.axis import TimeAxis, normalised
from hcutal.localize.suppress import hard_nms, soft_nms
from hcutal.params.propose import ProposeParams, Source, SuppressionParams

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
COLUMNS = ["start", "end", "label", "score"]


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
    above = is_above(values.T[:, None, :], np.asarray(thresholds, dtype=np.float64)[:, None], reached)
    steps = np.diff(np.pad(above, ((0, 0), (0, 0), (1, 1))).astype(np.int8), axis=2)
    # steps: [C, thresholds, points + 1]. Both sides are in the order of column, threshold and time: the k-th start
    # belongs to the k-th end.
    column, _, start = np.nonzero(steps == 1)
    end = np.nonzero(steps == -1)[2]
    found = np.unique(np.stack([column, start, end], axis=1), axis=0)
    return found[:, 0], found[:, 1], found[:, 2]


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
    chosen = selected_classes(scores, params.class_threshold)
    values = axis.upsampled(normalised(cas[:, chosen]), params.anchor)
    column, first, last = _candidates(values, activity, axis, params)
    start, end = axis.times(first), axis.times(last)
    long_enough = (end > start) & (end - start >= params.min_length) & (last - first >= params.shortest_run)
    column, first, last = column[long_enough], first[long_enough], last[long_enough]
    start, end = start[long_enough], end[long_enough]
    score = _contrasts(values, column, first, last, params)
    score = score + params.class_weight * scores[chosen][column].astype(np.float64)
    kept, score = suppressed(column, start, end, score, params)
    names = np.array(classes, dtype=object)[chosen[column[kept]]]
    table = pd.DataFrame(
        {"start": start[kept], "end": end[kept], "label": names, "score": score}, columns=COLUMNS
    )
    return table.sort_values("score", ascending=False, kind="stable", ignore_index=True).head(
        params.max_per_video
    )


def _candidates(
    values: Floats,
    activity: Mapping[Source, npt.NDArray[np.floating]],
    axis: TimeAxis,
    params: ProposeParams,
) -> tuple[Index, Index, Index]:
    """Runs of all sources: column, first point, point after the last; those without a class for every column."""
    columns = values.shape[1]
    found = []
    for source in params.thresholds.sources:
        thresholds = getattr(params.thresholds, source)
        if source == "cas":
            found.append(np.stack(runs_above(values, thresholds, params.reached), axis=1))
            continue
        sequence = axis.upsampled(normalised(activity[source][:, None]), params.anchor)
        _, first, last = runs_above(sequence, thresholds, params.reached)
        every = np.repeat(np.arange(columns), first.size)
        found.append(np.stack([every, np.tile(first, columns), np.tile(last, columns)], axis=1))
    runs = np.unique(np.concatenate(found), axis=0)
    return runs[:, 0], runs[:, 1], runs[:, 2]


def _contrasts(values: Floats, column: Index, start: Index, end: Index, params: ProposeParams) -> Floats:
    """The contrast of each run, in the values that `params.contrast` names.

    thresholded: for a run of the CAS, points that are not above its threshold count as 0; where a run belongs to
    several thresholds, the best contrast counts. Inside nothing changes, so this is about the margins alone.
    """
    score = contrast(values, column, start, end, params.margin, params.right_margin)
    if params.contrast == "raw" or params.thresholds.cas is None:
        return score
    for threshold in params.thresholds.cas:
        zeroed = np.where(is_above(values, threshold, params.reached), values, 0.0)
        runs = set(zip(*runs_above(values, [threshold], params.reached), strict=True))
        own = np.array([run in runs for run in zip(column, start, end, strict=True)], dtype=np.bool_)
        found = contrast(zeroed, column[own], start[own], end[own], params.margin, params.right_margin)
        score[own] = np.maximum(score[own], found)
    return score


def suppressed(
    column: Index, start: Floats, end: Floats, score: Floats, params: ProposeParams
) -> tuple[Index, Floats]:
    """Suppression within every column: the indices that stay, and their scores, which soft suppression lowers."""
    indices, scores = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for group in np.unique(column):
        own = np.flatnonzero(column == group)
        kept, new = _suppress(start[own], end[own], score[own], params.suppression)
        indices.append(own[kept])
        scores.append(new)
    return np.concatenate(indices), np.concatenate(scores)


def _suppress(start: Floats, end: Floats, score: Floats, how: SuppressionParams) -> tuple[Index, Floats]:
    """Suppression among proposals of one class: indices that stay, and their scores."""
    if how.soft is not None:
        return soft_nms(start, end, score, how.soft.sigma)
    assert how.hard is not None
    kept = hard_nms(start, end, score, how.hard.tiou, 1.0 if how.hard.plus_one else 0.0)
    return kept, score[kept]
