"""Which recordings, classes, rows and marks a timeline shows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.params.report import ReportParams
from hcutal.report.curves import Curves
from hcutal.report.intervals import Intervals
from hcutal.report.run_outputs import read_outputs
from hcutal.report.timeline import (
    choose_recordings,
    involved_classes,
    make_timeline,
    matches,
    stack,
)


def intervals(*parts: tuple[str, float, float, float]) -> Intervals:
    labels, starts, ends, scores = zip(*parts, strict=True) if parts else ((), (), (), ())
    return Intervals(
        np.array(labels, dtype=np.str_),
        np.array([starts, ends], dtype=float).T,
        np.array(scores, dtype=float),
    )


def test_recordings_are_evenly_spaced_and_do_not_depend_on_their_order() -> None:
    names = [f"v{n:02d}" for n in range(21)]
    assert choose_recordings(names[::-1], 5) == ["v00", "v05", "v10", "v15", "v20"]
    assert choose_recordings(names, 1) == ["v00"]
    assert choose_recordings(names, 0) == []
    assert choose_recordings(["b", "a"], 8) == ["a", "b"]


def test_the_better_of_two_proposals_takes_the_instance() -> None:
    truth = intervals(("a", 0, 10, 1), ("b", 20, 30, 1))
    found = intervals(("a", 0, 9, 0.2), ("a", 0, 6, 0.9), ("b", 24, 34, 0.5), ("a", 20, 30, 1.0))
    assert matches(found, truth, 0.5).tolist() == [False, True, False, False]
    assert matches(found, truth, 0.4).tolist() == [False, True, True, False]


def test_without_truth_or_proposals_nothing_is_right() -> None:
    assert matches(intervals(("a", 0, 1, 1)), intervals(), 0.5).tolist() == [False]
    assert matches(intervals(), intervals(("a", 0, 1, 1)), 0.5).tolist() == []


spans = st.tuples(st.just("a"), st.integers(0, 30), st.integers(1, 12), st.integers(0, 5)).map(
    lambda part: (part[0], float(part[1]), float(part[1] + part[2]), part[3] / 5)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(spans, max_size=25), st.lists(spans, max_size=10))
def test_matches_are_those_of_a_slow_greedy_loop(found: list, true: list) -> None:
    proposals, truth = intervals(*found), intervals(*true)
    free, expected = set(range(len(true))), [False] * len(found)
    for index in sorted(range(len(found)), key=lambda i: -found[i][3]):
        overlap = {}
        for other in sorted(free, reverse=True):
            common = min(found[index][2], true[other][2]) - max(found[index][1], true[other][1])
            lengths = found[index][2] - found[index][1] + true[other][2] - true[other][1]
            overlap[other] = max(common, 0) / (lengths - max(common, 0))
        best = max(overlap, key=overlap.__getitem__, default=None)
        if best is not None and overlap[best] >= 0.5:
            expected[index] = True
            free.discard(best)
    assert matches(proposals, truth, 0.5).tolist() == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(spans, max_size=25), st.integers(1, 4))
def test_bars_of_a_row_never_overlap_and_no_free_place_is_left_empty(found: list, count: int) -> None:
    rows = stack(intervals(*found), count)
    for first in range(len(found)):
        clash = {
            int(rows[second])
            for second in range(len(found))
            if second != first and found[second][1] < found[first][2] and found[second][2] > found[first][1]
        }
        assert rows[first] == -1 or rows[first] not in clash
        assert rows[first] != -1 or set(range(count)) <= clash


def test_true_classes_come_first_and_are_never_left_out() -> None:
    proposals = intervals(("c", 0, 1, 0.1), ("d", 0, 1, 0.9))
    curves = {name: np.array([0.0, peak]) for name, peak in zip("abcde", [0, 5, 0, 0, 1], strict=True)}
    assert involved_classes(["a"], proposals, curves, 4) == ["a", "d", "c", "b"]
    assert involved_classes(["a", "e"], proposals, curves, 1) == ["a", "e"]


def test_a_timeline_is_in_seconds_and_says_what_it_leaves_out(project: Callable[..., Path]) -> None:
    project(noise=60)
    outputs = read_outputs("demo.0", "toy")
    timeline = make_timeline(outputs, Curves.read(outputs), "test_0000", ReportParams(proposal_rows=1))
    assert timeline.times[:2].tolist() == pytest.approx([0.5, 1.0])
    assert timeline.duration >= outputs.truth_of("test_0000").bounds.max()
    assert timeline.true_classes == outputs.labels["test_0000"]
    assert 0 < timeline.drawn < timeline.proposals == len(outputs.proposals_of("test_0000"))
    assert 0 < timeline.found <= timeline.instances == 5
    assert [lane.label for lane in timeline.lanes][: len(timeline.true_classes)] == timeline.true_classes
