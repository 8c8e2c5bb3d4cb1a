"""From a class activation sequence to scored, named proposals."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.localize.axis import TimeAxis, normalised
from hcutal.localize.suppress import hard_nms, soft_nms
from hcutal.params.propose import ProposeParams, Source

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
COLUMNS = ["start", "end", "label", "score"]


def selected_classes(scores: npt.NDArray[np.floating], threshold: float) -> Index:
    """Classes whose score reaches theta_class, else the best one; none when all scores are 0."""
    chosen = np.flatnonzero((scores >= threshold) & (scores > 0))
    if not chosen.size and scores.size and scores.max() > 0:
        chosen = np.array([np.argmax(scores)])
    return chosen.astype(np.int64)


def runs_above(values: Floats, thresholds: Sequence[float]) -> tuple[Index, Index, Index]:
    """Maximal runs of points above any of the thresholds: column, first point, point after the last.

    values: [points, C]. A run that several thresholds give is given once; sorted by column, start, end.
    """
    above = values.T[:, None, :] > np.asarray(thresholds, dtype=np.float64)[:, None]
    steps = np.diff(np.pad(above, ((0, 0), (0, 0), (1, 1))).astype(np.int8), axis=2)
    # Both are in the order of column, threshold, time, so the k-th start belongs to the k-th end.
    column, _, start = np.nonzero(steps == 1)
    end = np.nonzero(steps == -1)[2]
    found = np.unique(np.stack([column, start, end], axis=1), axis=0)
    return found[:, 0], found[:, 1], found[:, 2]


def contrast(values: Floats, column: Index, start: Index, end: Index, margin: float) -> Floats:
    """Outer-inner contrast of runs [start, end) of the columns of `values` [points, C].

    Mean inside minus the mean of the margins on both sides, each `margin` times the length of the run
    (rounded up), as far as the sequence goes; an empty outer part counts as 0.
    """
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    width = np.ceil(margin * (end - start)).astype(np.int64)
    left, right = np.maximum(start - width, 0), np.minimum(end + width, len(values))
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
    """Proposals of one recording: columns start, end (seconds), label, score; by falling score.

    cas: [T', C] and scores: [C], of the named classes; activity: `actionness` and `magnitude`, [T'] each,
    where `params.sources` asks for them. The score is the outer-inner contrast of the class's normalised CAS
    plus `class_weight` times the class score.
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
    """Runs of all sources: column, first point, point after the last; class-free ones for every column."""
    columns = values.shape[1]
    found = []
    for source in params.sources:
        thresholds = getattr(params.thresholds, source)
        if source == "cas":
            found.append(np.stack(runs_above(values, thresholds), axis=1))
            continue
        sequence = axis.upsampled(normalised(activity[source][:, None]), params.anchor)
        _, first, last = runs_above(sequence, thresholds)
        every = np.repeat(np.arange(columns), first.size)
        found.append(np.stack([every, np.tile(first, columns), np.tile(last, columns)], axis=1))
    runs = np.unique(np.concatenate(found), axis=0)
    return runs[:, 0], runs[:, 1], runs[:, 2]


def _contrasts(values: Floats, column: Index, start: Index, end: Index, params: ProposeParams) -> Floats:
    """The contrast of each run in what `params.contrast` says; of a run that several thresholds give, the best."""
    score = contrast(values, column, start, end, params.margin)
    if params.contrast == "raw" or "cas" not in params.sources:
        return score
    for threshold in params.thresholds.cas:
        zeroed = np.where(values > threshold, values, 0.0)
        runs = set(zip(*runs_above(values, [threshold]), strict=True))
        own = np.array([run in runs for run in zip(column, start, end, strict=True)], dtype=np.bool_)
        found = contrast(zeroed, column[own], start[own], end[own], params.margin)
        score[own] = np.maximum(score[own], found)
    return score


def suppressed(
    column: Index, start: Floats, end: Floats, score: Floats, params: ProposeParams
) -> tuple[Index, Floats]:
    """Suppression within every column: indices that stay and their scores (changed by soft suppression)."""
    extra = 1.0 if params.legacy_nms else 0.0
    indices, scores = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for group in np.unique(column):
        own = np.flatnonzero(column == group)
        if params.nms_kind == "hard":
            kept = hard_nms(start[own], end[own], score[own], params.nms, extra)
            new = score[own[kept]]
        else:
            kept, new = soft_nms(start[own], end[own], score[own], params.sigma, extra)
        indices.append(own[kept])
        scores.append(new)
    return np.concatenate(indices), np.concatenate(scores)
