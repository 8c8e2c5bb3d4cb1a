"""Bins of instances, false negatives in them, and the normalised mAP."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.errors import HcutalError
from hcutal.evaluate.diagnosis_errors import find_errors
from hcutal.evaluate.sensitivity import EDGES, bin_edges, by_bins, characteristics, normalised_map
from tests.evaluate.cases import INSTANCES, PREDICTIONS, found, slow_errors, truth

FOUR = truth(("v", 0, 2, "run"), ("v", 20, 30, "run"), ("w", 0, 10, "run"), ("w", 40, 50, "jump"))
FOUND = found(("v", 0, 2, "run", 0.9), ("v", 70, 80, "run", 0.8), ("v", 20, 30, "run", 0.7))


def test_characteristics_of_instances():
    values = characteristics(FOUR, pd.Series({"v": 40.0, "other": 5.0}))
    assert values["length"].tolist() == [2, 10, 10, 10]
    assert values["instances"].tolist() == [2, 2, 2, 2]
    np.testing.assert_array_equal(values["coverage"], [0.05, 0.25, math.nan, math.nan])
    assert np.isnan(characteristics(FOUR, None)["coverage"]).all()
    # An instance may pass the duration by the rounding of its end.
    assert characteristics(FOUR, pd.Series({"v": 9.0}))["coverage"][1] == 1


def test_bins_hold_what_is_above_one_edge_and_up_to_the_next():
    errors = find_errors(FOUR, FOUND)
    rows = by_bins(np.array([2.0, 3.0, 3.5, math.nan]), [2, 3], errors)
    assert [(row.name, row.above, row.up_to, row.instances) for row in rows] == [
        ("XS", 0, 2, 1),
        ("S", 2, 3, 1),
        ("M", 3, None, 1),
    ]
    assert [row.missed for row in rows] == [0, 0, 1]
    assert [row.missed_share for row in rows] == [0, 0, 1]


def test_the_share_of_missed_instances():
    row = by_bins(np.array([1.0, 5.0, 5.0, 5.0]), [2], find_errors(FOUR, FOUND))[1]
    assert (row.instances, row.missed, row.missed_share) == (3, 2, pytest.approx(2 / 3))


def test_an_empty_bin_has_no_shares():
    row = by_bins(np.full(4, 5.0), [1], find_errors(FOUR, FOUND))[0]
    assert (row.instances, row.missed) == (0, 0)
    assert math.isnan(row.missed_share)
    assert math.isnan(row.normalised_map)


def test_normalised_map_by_hand():
    """N is 2 instances a class; recall counts the instances of the bin only, all false positives count."""
    errors = find_errors(FOUR, FOUND)
    short = np.array([True, False, False, False])
    assert normalised_map(errors, short) == pytest.approx(1.0)
    # Of two long instances of run one is found: R N = 1, one false positive before it; jump scores 0.
    assert normalised_map(errors, ~short) == pytest.approx(np.mean([0.5 / 2, 0]))
    # R N is 2/3 without a false positive, then 4/3 after one.
    assert normalised_map(errors, short | True) == pytest.approx(np.mean([(1 + 4 / 7) / 3, 0]))


def test_precision_is_interpolated():
    rows = [("v", 70, 80, "run", 0.9), ("v", 0, 2, "run", 0.8), ("v", 20, 30, "run", 0.7)]
    truth_of_run = FOUR[FOUR["label"] == "run"]
    errors = find_errors(truth_of_run, found(*rows))
    # Precision 1/2, then 2/3; the better one counts for both.
    assert normalised_map(errors, np.ones(3, dtype=bool)) == pytest.approx(2 * (2 / 3) / 3)


def test_precision_is_interpolated_within_each_class():
    ground_truth = truth(("v", 0, 2, "jump"), ("v", 20, 30, "run"), ("w", 0, 10, "run"))
    rows = [("v", 0, 2, "jump", 0.9), ("v", 70, 80, "run", 0.9)]
    rows += [("v", 20, 30, "run", 0.8), ("w", 0, 10, "run", 0.7)]
    errors = find_errors(ground_truth, found(*rows))
    # N is 1.5. Of run .75 / 1.75, then 1.5 / 2.5 for both; of jump 1.
    assert normalised_map(errors, np.ones(3, dtype=bool)) == pytest.approx((1 + 0.6) / 2)


@pytest.mark.parametrize(
    ("bins", "length", "coverage", "instances"),
    [
        ("thumos14", [3, 6, 12, 18], [0.02, 0.04, 0.06, 0.08], [1, 40, 80]),
        ("activitynet", [30, 60, 120, 180], [0.2, 0.4, 0.6, 0.8], [1, 4, 8]),
    ],
)
def test_published_edges(bins, length, coverage, instances):
    values = np.zeros(1)
    assert bin_edges(bins, "length", values) == length
    assert bin_edges(bins, "coverage", values) == coverage
    assert bin_edges(bins, "instances", values) == instances


def test_quantiles_fill_the_bins_evenly_and_are_fewer_for_few_values():
    values = np.arange(1.0, 101.0)
    assert bin_edges("quantiles", "length", values) == [20, 40, 60, 80]
    assert bin_edges("quantiles", "instances", np.array([1.0, 1, 1, 1, 1, 1, 2, math.nan])) == [1]
    assert bin_edges("quantiles", "instances", np.ones(9)) == []


def test_unknown_bins_are_named():
    with pytest.raises(
        HcutalError, match="bins are 'deciles'; expected one of thumos14, activitynet, quantiles"
    ):
        bin_edges("deciles", "length", np.ones(2))


def slow_normalised_map(ground_truth, predictions, chosen):
    errors = slow_errors(ground_truth, predictions)
    mean_size = len(ground_truth) / ground_truth["label"].nunique()
    scores = []
    for label in sorted(set(ground_truth["label"][chosen])):
        wanted = int((chosen & (ground_truth["label"] == label)).sum())
        hits = false = 0
        curve = []
        for row in sorted(predictions.itertuples(), key=lambda row: -row.score):
            if row.label != label or row.Index not in errors:
                continue
            kind, target = errors[row.Index]
            if kind == "true" and chosen[target]:
                hits += 1
            elif kind != "true":
                false += 1
            scaled = hits / wanted * mean_size
            curve.append((hits, scaled / (scaled + false) if hits else 0.0))
        best = [max((p for h, p in curve if h >= hit), default=0.0) for hit in range(1, hits + 1)]
        scores.append(sum(best) / wanted)
    return np.mean(scores)


@settings(deadline=None, max_examples=100)
@given(INSTANCES, PREDICTIONS, st.lists(st.booleans(), min_size=10, max_size=10))
def test_normalised_map_agrees_with_a_slow_loop(instances, predictions, chosen):
    ground_truth, table = truth(*instances), found(*predictions)
    mask = np.array(chosen[: len(ground_truth)])
    value = normalised_map(find_errors(ground_truth, table), mask)
    if mask.any():
        assert value == pytest.approx(slow_normalised_map(ground_truth, table, mask))
    else:
        assert math.isnan(value)


@settings(deadline=None, max_examples=50)
@given(INSTANCES, PREDICTIONS)
def test_every_instance_is_in_one_bin(instances, predictions):
    ground_truth = truth(*instances)
    errors = find_errors(ground_truth, found(*predictions))
    for name, values in characteristics(ground_truth, pd.Series({"v": 20.0, "w": 30.0})).items():
        for bins in (*EDGES, "quantiles"):
            rows = by_bins(values, bin_edges(bins, name, values), errors)
            assert sum(row.instances for row in rows) == len(ground_truth)
            assert sum(row.missed for row in rows) == errors.missed.sum()
