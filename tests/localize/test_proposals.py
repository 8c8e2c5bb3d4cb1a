import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as np_arrays

from hcutal.data.times import SnippetTimes
from hcutal.localize import proposals
from hcutal.localize.axis import TimeAxis
from hcutal.localize.proposals import (
    contrast,
    find_candidates,
    localize,
    runs_above,
    runs_by_threshold,
    selected_classes,
    settled,
)
from hcutal.params.propose import (
    HardSuppression,
    ProposeParams,
    SoftSuppression,
    SuppressionParams,
    ThresholdParams,
)

HARD = SuppressionParams(hard=HardSuppression(tiou=0.55))
PLUS_ONE = SuppressionParams(hard=HardSuppression(tiou=0.55, plus_one=True))
SOFT = SuppressionParams(soft=SoftSuppression())

sequences = np_arrays(
    float, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.sampled_from([0, 0.2, 0.5, 1])
)


def paper(**change):
    values = {"thresholds": ThresholdParams(cas=[0.325, 0.35, 0.375]), "suppression": HARD}
    return ProposeParams(**(values | change))


def slow_runs(values, thresholds):
    found = set()
    for column in range(values.shape[1]):
        for threshold in thresholds:
            start = None
            for point in range(len(values) + 1):
                inside = point < len(values) and values[point, column] > threshold
                if inside and start is None:
                    start = point
                if not inside and start is not None:
                    found.add((column, start, point))
                    start = None
    return sorted(found)


@settings(deadline=None)
@given(sequences, st.lists(st.sampled_from([0.0, 0.3, 0.5, 0.9]), max_size=3))
def test_runs_and_contrast_agree_with_a_walk(values, thresholds):
    column, start, end = runs_above(values, thresholds)
    assert list(zip(column, start, end, strict=True)) == slow_runs(values, thresholds)
    score = contrast(values, column, start, end, 0.25)
    for c, s, e, found in zip(column, start, end, score, strict=True):
        width = int(np.ceil(0.25 * (e - s)))
        outer = [*values[max(0, s - width) : s, c], *values[e : e + width, c]]
        assert found == pytest.approx(values[s:e, c].mean() - (np.mean(outer) if outer else 0), abs=1e-12)


@settings(deadline=None)
@given(sequences, st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), max_size=4), st.booleans())
def test_each_threshold_has_its_own_runs(values, thresholds, reached):
    runs = runs_by_threshold(values, thresholds, reached)
    expected = []
    for column in range(values.shape[1]):
        for number, threshold in enumerate(sorted(thresholds)):
            # A value that is reached is above a threshold that is a little lower, and 0 never is.
            limit = max(threshold - 1e-9, 0.0) if reached else threshold
            own = slow_runs(values[:, [column]], [limit])
            expected += [(column, number, start, end) for _, start, end in own]
    assert list(zip(runs.column, runs.threshold, runs.start, runs.end, strict=True)) == expected


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from(["up", "down"]))
def test_a_thresholded_contrast_agrees_with_a_walk(seed, reached, right_margin):
    rng = np.random.default_rng(seed)
    cas = rng.choice([0.0, 0.125, 0.25, 0.5, 1.0], size=(14, 2))
    cas[:2] = [[0.0, 0.0], [1.0, 1.0]]
    thresholds = ThresholdParams(cas=[0.5, 0.25, 0.1], actionness=[0.4])
    change = {"thresholds": thresholds, "contrast": "thresholded", "reached": reached}
    params = paper(**change, right_margin=right_margin, class_weight=0.0)
    line = TimeAxis(np.arange(14), snippets=14, seconds=SnippetTimes(1.0, 1, 1), upsample=1)
    found = find_candidates(cas, np.ones(2), {"actionness": cas[:, 0]}, line, params)
    low, high = cas.min(axis=0), cas.max(axis=0)
    values = (cas - low) / np.where(high > low, high - low, 1)
    for label, start, end, score in zip(found.label, found.start, found.end, found.score, strict=True):
        run = (int(start), int(end))
        walks = [slow_contrast(values[:, label], *run, right_margin)]
        for threshold in thresholds.cas:
            limit = max(threshold - 1e-9, 0.0) if reached else threshold
            if (0, *run) in slow_runs(values[:, [label]], [limit]):
                cut = np.where(values[:, label] > limit, values[:, label], 0)
                walks.append(slow_contrast(cut, *run, right_margin))
        assert score == pytest.approx(max(walks), abs=1e-12)


def slow_contrast(values, start, end, right_margin):
    width = (end - start) / 4
    left = values[max(0, start - int(np.ceil(width))) : start]
    right = values[end : end + int(np.ceil(width) if right_margin == "up" else width)]
    outer = [*left, *right]
    return values[start:end].mean() - (np.mean(outer) if outer else 0)


@pytest.mark.parametrize("suppression", [HARD, PLUS_ONE, SOFT])
@pytest.mark.parametrize("together", [1, 100, 10_000])
def test_recordings_together_are_as_each_alone(suppression, together, monkeypatch):
    monkeypatch.setattr(proposals, "TOGETHER", together)
    rng = np.random.default_rng(0)
    params = ProposeParams(suppression=suppression, max_per_video=40, class_threshold=0.3)
    found, alone = [], []
    for snippets in (30, 1, 60, 8, 45):
        # Few values, so that scores are often equal.
        cas = rng.choice([0.0, 0.5, 1.0], size=(snippets, 3)).repeat(2, axis=0)
        line = TimeAxis(np.arange(len(cas)), len(cas), SnippetTimes(2.0, 2, 1), upsample=3)
        given = cas, rng.dirichlet(np.ones(3)), {}, line
        found.append(find_candidates(*given, params))
        alone.append(localize(*given, list("abc"), params))
    together = list(settled(found, list("abc"), params))
    assert len(together) == len(alone) == 5
    for table, own in zip(together, alone, strict=True):
        pd.testing.assert_frame_equal(table, own, check_exact=True)
    assert max(map(len, alone)) == 40 and min(map(len, alone)) == 0


def test_classes_at_the_threshold_or_the_best():
    assert selected_classes(np.array([0.5, 0.2, 0.1]), 0.2).tolist() == [0, 1]
    assert selected_classes(np.array([0.1, 0.15, 0.1]), 0.2).tolist() == [1]
    assert selected_classes(np.array([0.5, 0.0]), 0.0).tolist() == [0]
    assert selected_classes(np.zeros(3), 0.2).tolist() == []
    assert selected_classes(np.zeros(0), 0.2).tolist() == []


@pytest.fixture
def scene():
    """40 snippets of 0.5 s; `run` in [5, 10) s, `jump` in [12, 14) s, a weak third class."""
    cas = np.full((40, 3), 0.05, dtype=np.float32)
    cas[10:20, 0] = 4
    cas[24:28, 1] = 2
    line = TimeAxis(np.arange(40), snippets=40, seconds=SnippetTimes(2.0, 1, 1), upsample=4, duration=20)
    return cas, np.array([0.6, 0.3, 0.1]), line, ["run", "jump", "swim"]


def test_finds_what_is_there(scene):
    cas, scores, line, classes = scene
    table = localize(cas, scores, {}, line, classes, paper())
    assert table["label"].tolist() == ["run", "jump"]
    np.testing.assert_allclose(table[["start", "end"]], [[5, 10], [12, 14]], atol=0.15)
    # Inner mean near 1 (less the ramps), outer mean near 0, plus a fifth of the class score.
    assert table["score"].tolist() == pytest.approx([1 + 0.12, 1 + 0.06], abs=0.25)
    assert table["score"].is_monotonic_decreasing


def test_length_and_number_are_limited(scene):
    cas, scores, line, classes = scene
    assert localize(cas, scores, {}, line, classes, paper(min_length=3.0))["label"].tolist() == ["run"]
    assert len(localize(cas, scores, {}, line, classes, paper(max_per_video=1))) == 1
    assert localize(cas, scores, {}, line, classes, paper(min_length=30.0)).empty


def test_actionness_adds_proposals_for_every_class(scene):
    cas, scores, line, classes = scene
    params = paper(thresholds=ThresholdParams(cas=None, actionness=[0.3]))
    table = localize(cas, scores, {"actionness": cas.sum(axis=1)}, line, classes, params)
    assert sorted(table["label"]) == ["jump", "jump", "run", "run"]
    best = table.groupby("label").first()
    np.testing.assert_allclose(best.loc["run", ["start", "end"]].astype(float), [5, 10], atol=0.2)
    np.testing.assert_allclose(best.loc["jump", ["start", "end"]].astype(float), [12, 14], atol=0.2)


@pytest.mark.parametrize(
    "change",
    [
        {"suppression": SOFT},
        {"suppression": PLUS_ONE},
        {"anchor": "start"},
        {"contrast": "thresholded"},
        {"shortest_run": 2},
    ],
)
def test_options_keep_the_best_proposal(scene, change):
    cas, scores, line, classes = scene
    table = localize(cas, scores, {}, line, classes, paper(**change))
    first = table.iloc[0]
    assert first["label"] == "run" and abs(first["start"] - 5) < 0.5 and abs(first["end"] - 10) < 0.5


def scores_of(sequence, **change):
    """(first point, point after the last) to score: a class on snippets of 1 s, one point each, margin 1/4."""
    cas = np.array(sequence, dtype=np.float64)[:, None]
    seconds = SnippetTimes(1.0, 1, 1)
    line = TimeAxis(np.arange(len(cas)), snippets=len(cas), seconds=seconds, upsample=1)
    values = {"thresholds": ThresholdParams(cas=[0.5]), "class_weight": 0.0} | change
    table = localize(cas, np.ones(1), {"actionness": cas[:, 0]}, line, ["run"], paper(**values))
    return {(int(row.start), int(row.end)): round(row.score, 6) for row in table.itertuples()}


# A run of eight points, so that its outer part is two points on each side, and one of one point beside it.
NEIGHBOURS = [0.0, 0.0, 0.2, *[1.0] * 8, 0.4, 0.8, 0.0]


def test_a_thresholded_contrast_sees_only_what_is_above_the_threshold():
    # Outer part of the long run: 0, .2, .4, .8 as they are; 0, 0, 0, .8 above the threshold.
    # Of the short one: .4 and 0, of which nothing is above it.
    assert scores_of(NEIGHBOURS) == {(3, 11): 0.65, (12, 13): 0.6}
    assert scores_of(NEIGHBOURS, contrast="thresholded") == {(3, 11): 0.8, (12, 13): 0.8}


def test_a_run_of_two_thresholds_has_the_better_contrast():
    both = ThresholdParams(cas=[0.9, 0.5])
    assert scores_of(NEIGHBOURS, contrast="thresholded", thresholds=both) == {(3, 11): 1.0, (12, 13): 0.8}
    assert scores_of(NEIGHBOURS, thresholds=both) == scores_of(NEIGHBOURS)


def test_runs_of_actionness_are_contrasted_in_the_cas_as_it_is():
    raw = scores_of(NEIGHBOURS)
    actionness = ThresholdParams(cas=None, actionness=[0.5])
    assert scores_of(NEIGHBOURS, contrast="thresholded", thresholds=actionness) == raw


def test_runs_of_too_few_points_are_dropped():
    # Runs of one, two and three points.
    sequence = [1, 0, 0, 1, 1, 0, 0, 1, 1, 1]
    assert set(scores_of(sequence)) == {(0, 1), (3, 5), (7, 10)}
    assert set(scores_of(sequence, shortest_run=2)) == {(3, 5), (7, 10)}
    assert set(scores_of(sequence, shortest_run=3)) == {(7, 10)}
    assert scores_of(sequence, shortest_run=4) == {}


def test_nothing_to_find(scene):
    _, scores, line, classes = scene
    flat = np.ones((40, 3), dtype=np.float32)
    assert localize(flat, scores, {}, line, classes, paper()).empty
    assert localize(flat, np.zeros(3), {}, line, classes, paper()).empty
    assert localize(flat[:, :0], np.zeros(0), {}, line, [], paper()).empty


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.sampled_from([5, 40]))
def test_proposals_lie_in_the_recording(seed, sampled):
    rng = np.random.default_rng(seed)
    rows = np.arange(sampled) * 40 // sampled
    line = TimeAxis(rows, snippets=40, seconds=SnippetTimes(2.0, 2, 1), upsample=4, duration=19.3)
    params = ProposeParams(thresholds=ThresholdParams(actionness=[0.3, 0.6], magnitude=[0.5]))
    activity = {"actionness": rng.uniform(size=sampled), "magnitude": rng.uniform(size=sampled)}
    table = localize(rng.uniform(size=(sampled, 3)), np.ones(3) / 3, activity, line, list("abc"), params)
    assert (
        (table["start"] >= 0).all() and (table["end"] <= 19.3).all() and (table["end"] > table["start"]).all()
    )
    assert np.isfinite(table["score"]).all()


def test_the_right_margin_rounds_down_where_it_is_asked_to():
    # Six points have an outer part of 1.5 points: .2 and 0 on the left; .4 alone, or .4 and .8, on the right.
    sequence = [0.0, 0.2, *[1.0] * 6, 0.4, 0.8 / 2, 0.0]
    up, down = scores_of(sequence), scores_of(sequence, right_margin="down")
    assert up == {(2, 8): round(1 - (0.0 + 0.2 + 0.4 + 0.4) / 4, 6)}
    assert down == {(2, 8): round(1 - (0.0 + 0.2 + 0.4) / 3, 6)}
    # Three points: a margin of .75 is one point on the left, and none on the right.
    assert scores_of([0.0, 0.3, 1.0, 1.0, 1.0, 0.4], right_margin="down") == {(2, 5): 0.7}


def test_a_point_that_equals_the_threshold_is_in_where_it_is_asked_to():
    sequence = [0.0, 0.5, 1.0, 0.5, 0.0]
    assert set(scores_of(sequence)) == {(2, 3)}
    assert set(scores_of(sequence, reached=True)) == {(1, 4)}
    # Zero is never in.
    assert set(scores_of(sequence, reached=True, thresholds=ThresholdParams(cas=[0.0]))) == {(1, 4)}
