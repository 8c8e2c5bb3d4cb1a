"""The segments that people see."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.localize.choice import Choice
from hcutal.localize.segments import select

COLUMNS = ["start", "end", "label", "score"]
PROPOSALS = pd.DataFrame(
    [
        (10.0, 20.0, "b", 0.9),
        (11.0, 19.0, "b", 0.8),
        (18.0, 30.0, "b", 0.7),
        (20.0, 24.0, "b", 0.6),
        (12.0, 15.0, "a", 0.5),
        (0.0, 5.0, "a", 0.2),
    ],
    columns=COLUMNS,
)
EVERYTHING = Choice(min_score=-9.0)


def scores(choice: Choice) -> list[float]:
    return select(PROPOSALS, choice)["score"].tolist()


def test_of_each_class_the_best_stay_that_do_not_overlap() -> None:
    # .8 and .7 overlap with .9; .6 touches .9 at its end, and .7 has gone.
    assert scores(EVERYTHING) == [0.2, 0.9, 0.5, 0.6]


def test_overlap_score_and_number_are_limits() -> None:
    assert scores(Choice(overlap=0.1, min_score=-9.0)) == [0.2, 0.9, 0.5, 0.7]
    assert scores(Choice(overlap=1.0, min_score=-9.0)) == [0.2, 0.9, 0.8, 0.5, 0.7, 0.6]
    assert scores(Choice(min_score=0.6)) == [0.9, 0.6]
    assert scores(Choice(min_score=-9.0, top=2)) == [0.9, 0.6]


def test_nothing_gives_nothing() -> None:
    for table in (PROPOSALS.iloc[:0], PROPOSALS[PROPOSALS["score"] > 1]):
        found = select(table, Choice())
        assert found.empty and list(found.columns) == COLUMNS


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from("ab"), st.integers(0, 5)),
        max_size=25,
    ),
    st.sampled_from([0.0, 0.3]),
)
def test_it_is_the_greedy_rule(rows: list[tuple[int, int, str, int]], overlap: float) -> None:
    table = pd.DataFrame([(s, s + n, label, k / 5) for s, n, label, k in rows], columns=COLUMNS)
    table = table.astype({"start": float, "end": float, "score": float})
    kept: list[tuple[float, float, str, float]] = []
    for start, end, label, score in sorted(table.itertuples(index=False, name=None), key=lambda row: -row[3]):
        rivals = [row for row in kept if row[2] == label]
        shared = [max(0.0, min(end, b) - max(start, a)) for a, b, _, _ in rivals]
        union = [(end - start) + (b - a) - both for (a, b, _, _), both in zip(rivals, shared, strict=True)]
        if all(both / whole <= overlap for both, whole in zip(shared, union, strict=True)):
            kept.append((start, end, label, score))
    found = select(table, Choice(overlap, -9.0))
    assert sorted(found.itertuples(index=False, name=None)) == sorted(kept)
    assert np.all(np.diff(found["start"]) >= 0)
