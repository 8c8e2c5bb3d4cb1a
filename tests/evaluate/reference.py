"""Slow references for detections, written from the definitions, and small cases full of ties."""

from collections.abc import Sequence

import pandas as pd
from hypothesis import strategies as st

TIOU = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


def table(rows: Sequence[tuple], score: bool = False) -> pd.DataFrame:
    names = ["video", "start", "end", "label", "score"][: 5 if score else 4]
    return pd.DataFrame(rows, columns=names).astype({"start": float, "end": float})


def slow_tiou(a, b):
    intersection = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    union = (a[1] - a[0]) + (b[1] - b[0]) - intersection
    return intersection / union if union > 0 else 0.0


def slow_ap(truth, found, label, threshold):
    """One class at one threshold, from the definition, one prediction at a time."""
    instances = [row for row in truth.itertuples(index=False) if row.label == label]
    ranked = sorted(
        (row for row in found.itertuples(index=False) if row.label == label), key=lambda r: -r.score
    )
    taken, curve = set(), []
    for number, row in enumerate(ranked, start=1):
        free = [
            (slow_tiou((row.start, row.end), (other.start, other.end)), index)
            for index, other in enumerate(instances)
            if other.video == row.video and index not in taken
        ]
        best, index = max(free, default=(0.0, 0))
        if best >= threshold:
            taken.add(index)
        curve.append((len(taken) / len(instances), len(taken) / number))
    area = reached = 0.0
    for place, (recall, _) in enumerate(curve):
        if recall > reached:
            area += (recall - reached) * max(precision for _, precision in curve[place:])
            reached = recall
    return area


def slow_map(truth, found, threshold):
    """Mean over the classes of the ground truth."""
    labels = sorted(set(truth["label"]))
    return sum(slow_ap(truth, found, label, threshold) for label in labels) / len(labels)


def slow_recall(truth, found, tiou, number, most=100):
    """Average recall at an average of `number` proposals a video, of the best at an average of `most`."""
    videos = list(dict.fromkeys(truth["video"]))
    found = found[found["video"].isin(videos)]
    best = {}
    for video in videos:
        rows = sorted(found[found["video"] == video].itertuples(index=False), key=lambda row: -row.score)
        best[video] = rows[: len(rows) * most * len(videos) // max(len(found), 1)]
    total = sum(map(len, best.values()))
    best = {v: rows[: len(rows) * number * len(videos) // max(total, 1)] for v, rows in best.items()}
    hits = [
        any(slow_tiou((row.start, row.end), (one.start, one.end)) >= threshold for row in best[one.video])
        for threshold in tiou
        for one in truth.itertuples(index=False)
    ]
    return sum(hits) / len(hits)


# Few distinct times and scores, so that ties, equal segments and overlapping instances are frequent.
segments = st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda pair: (pair[0], pair[0] + pair[1]))
instance = st.tuples(st.sampled_from("vwx"), segments, st.sampled_from("abc")).map(
    lambda r: (r[0], *r[1], r[2])
)
prediction = st.tuples(
    st.sampled_from(["v", "w", "x", "unknown"]),
    segments,
    st.sampled_from(["a", "b", "c", "no class"]),
    st.sampled_from([0.1, 0.5, 0.9, -1.0]),
).map(lambda r: (r[0], *r[1], r[2], r[3]))
