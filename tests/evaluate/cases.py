"""Small tables, strategies that make them, and a slow diagnosis written from the definitions."""

import pandas as pd
from hypothesis import strategies as st

COLUMNS = ["video", "start", "end", "label", "score"]


def truth(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS[:4]).astype({"start": float, "end": float})


def found(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).astype({"start": float, "end": float, "score": float})


# Few distinct times and scores, so that ties, equal segments and overlapping instances are frequent.
SEGMENTS = st.tuples(st.integers(0, 12), st.integers(1, 8)).map(lambda pair: (pair[0], sum(pair)))
INSTANCES = st.lists(
    st.tuples(st.sampled_from("vw"), SEGMENTS, st.sampled_from("abc")).map(lambda r: (r[0], *r[1], r[2])),
    min_size=1,
    max_size=10,
)
PREDICTIONS = st.lists(
    st.tuples(
        st.sampled_from(["v", "w", "unknown"]),
        SEGMENTS,
        st.sampled_from(["a", "b", "c", "no class"]),
        st.sampled_from([0.1, 0.5, 0.9, 2.0]),
    ).map(lambda r: (r[0], *r[1], r[2], r[3])),
    max_size=25,
)


def slow_tiou(a, b) -> float:
    shared = max(0.0, min(a.end, b.end) - max(a.start, b.start))
    return shared / ((a.end - a.start) + (b.end - b.start) - shared)


def slow_errors(ground_truth, predictions, tiou=0.5, touch=0.1) -> dict[int, tuple[str, int | None]]:
    """Kind and instance by the row of each prediction, one after the other by falling score."""
    instances = list(ground_truth.itertuples())
    known = {one.label for one in instances}
    taken: set[int] = set()
    errors = {}
    for row in sorted(predictions.itertuples(), key=lambda row: -row.score):
        if row.label not in known:
            continue
        here = [(slow_tiou(row, one), one.Index) for one in instances if one.video == row.video]
        own = [pair for pair in here if instances[pair[1]].label == row.label]
        free = [pair for pair in own if pair[0] >= tiou and pair[1] not in taken]
        best, best_own = max(here, default=(0.0, 0)), max(own, default=(0.0, 0))
        if free:
            taken.add(max(free)[1])
            errors[row.Index] = ("true", max(free)[1])
        elif best_own[0] >= tiou:
            errors[row.Index] = ("double", None)
        elif best[0] >= tiou:
            errors[row.Index] = ("wrong_label", best[1])
        elif best_own[0] >= touch:
            errors[row.Index] = ("localization", best_own[1])
        elif best[0] >= touch:
            errors[row.Index] = ("confusion", None)
        else:
            errors[row.Index] = ("background", None)
    return errors
