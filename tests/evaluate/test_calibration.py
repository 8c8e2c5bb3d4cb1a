"""Reliability of scores: by hand, and against a slow computation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.evaluate.calibration import calibrate


def test_bins_and_error_by_hand():
    scores, true = np.array([0.05, 0.1, 0.45, 0.95]), np.array([False, True, False, True])
    result = calibrate(scores, true)
    assert result.probabilities
    # 0.1 is the upper edge of the first bin; empty bins are left out.
    assert [(row.low, row.high, row.predictions) for row in result.bins] == [
        (0.0, pytest.approx(0.1), 2),
        (pytest.approx(0.4), 0.5, 1),
        (pytest.approx(0.9), 1.0, 1),
    ]
    assert [row.precision for row in result.bins] == [0.5, 0, 1]
    assert [row.score for row in result.bins] == pytest.approx([0.075, 0.45, 0.95])
    assert result.error == pytest.approx((2 * 0.425 + 0.45 + 0.05) / 4)


def test_scores_that_are_no_probabilities_have_equally_filled_bins_and_no_error():
    scores = np.arange(-50.0, 50.0)
    result = calibrate(scores, scores > 0, bins=4)
    assert not result.probabilities
    assert math.isnan(result.error)
    assert [row.predictions for row in result.bins] == [25, 25, 25, 25]
    assert (result.bins[0].low, result.bins[-1].high) == (-50, 49)
    assert [row.precision for row in result.bins] == [0, 0, pytest.approx(24 / 25), 1]


@pytest.mark.parametrize(
    ("scores", "probabilities"), [([0, 1], True), ([0, 1.01], False), ([-0.01, 1], False), ([0.2, 0.3], True)]
)
def test_probabilities_lie_between_zero_and_one(scores, probabilities):
    result = calibrate(np.array(scores, dtype=float), np.array([False, True]))
    assert result.probabilities == probabilities
    assert math.isnan(result.error) != probabilities


def test_equal_scores_share_a_bin():
    result = calibrate(np.full(5, 7.0), np.array([True, False, False, False, False]))
    assert [(row.low, row.high, row.predictions, row.precision) for row in result.bins] == [(7, 7, 5, 0.2)]


def test_no_predictions_no_bins():
    result = calibrate(np.zeros(0), np.zeros(0, dtype=bool))
    assert result.bins == []
    assert math.isnan(result.error)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40), st.integers(1, 12))
def test_error_agrees_with_a_slow_sum(pairs, bins):
    scores, true = np.array([s for s, _ in pairs]), np.array([t for _, t in pairs])
    edges = np.linspace(0, 1, bins + 1)
    expected = 0.0
    for k in range(bins):
        inside = [p for p in pairs if (edges[k] < p[0] or k == 0) and p[0] <= edges[k + 1]]
        if inside:
            gap = np.mean([t for _, t in inside]) - np.mean([s for s, _ in inside])
            expected += abs(gap) * len(inside) / len(pairs)
    result = calibrate(scores, true, bins)
    assert result.error == pytest.approx(expected, abs=1e-12)
    assert sum(row.predictions for row in result.bins) == len(pairs)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40))
def test_all_predictions_are_in_a_bin_that_holds_them(scores):
    result = calibrate(np.array(scores), np.zeros(len(scores), dtype=bool))
    assert sum(row.predictions for row in result.bins) == len(scores)
    assert all(row.low - 1e-9 <= row.score <= row.high + 1e-9 for row in result.bins)
