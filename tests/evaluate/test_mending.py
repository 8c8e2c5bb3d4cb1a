"""Gains: worked out by hand, and for any tables what must hold of them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.diagnosis_errors import KINDS, find_errors
from hcutal.evaluate.mending import MOVED, UNNOTICED, gains, mended
from tests.evaluate.cases import INSTANCES, PREDICTIONS, found, slow_errors, truth

TWO = truth(("v", 0, 10, "run"), ("v", 20, 30, "run"))
HIT = ("v", 0, 10, "run", 0.5)


def gain(ground_truth, *rows):
    before, gained = gains(ground_truth, found(*rows), find_errors(ground_truth, found(*rows)), 0.5)
    return before, {kind: value for kind, value in gained.items() if value}


def test_background_that_is_removed():
    # One of two instances, at rank 2: precision 1/2 for half of the instances.
    before, gained = gain(TWO, ("v", 50, 60, "run", 0.9), HIT)
    assert before == pytest.approx(0.25)
    assert gained == pytest.approx({"background": 0.25, UNNOTICED: 0.25})


def test_confusion_that_is_removed():
    ground_truth = truth(("v", 0, 10, "run"), ("v", 20, 30, "jump"))
    before, gained = gain(ground_truth, ("v", 20, 24, "run", 0.9), HIT)
    # AP is 1/2 and 0; the class jump, never found, leaves the mean when its instance does.
    assert before == pytest.approx(0.25)
    assert gained == pytest.approx({"confusion": 0.25, UNNOTICED: 0.25})


def test_double_that_is_removed():
    rows = ("v", 0, 10, "run", 0.9), ("v", 1, 10, "run", 0.8), ("v", 20, 30, "run", 0.7)
    before, gained = gain(TWO, *rows)
    assert before == pytest.approx((1 + 2 / 3) / 2)
    assert gained == pytest.approx({"double": 1 / 6})


def test_localization_error_that_is_put_onto_its_instance():
    before, gained = gain(TWO, HIT, ("v", 20, 24, "run", 0.4))
    assert before == pytest.approx(0.5)
    assert gained == pytest.approx({"localization": 0.5})


def test_localization_error_on_an_instance_that_is_found_is_removed():
    before, gained = gain(TWO, ("v", 0, 4, "run", 0.9), HIT)
    assert before == pytest.approx(0.25)
    assert gained == pytest.approx({"localization": 0.25, UNNOTICED: 0.25})


def test_wrong_label_that_is_relabelled():
    ground_truth = truth(("v", 0, 10, "run"), ("v", 20, 30, "jump"))
    before, gained = gain(ground_truth, ("v", 20, 29, "run", 0.9), HIT)
    # AP of run from 1/2 to 1, of jump from 0 to 1.
    assert before == pytest.approx(0.25)
    assert gained == pytest.approx({"wrong_label": 0.75})


def test_the_best_of_those_that_point_to_an_instance_gets_it():
    rows = [("v", 20, 24, "run", 0.3), ("v", 20, 23, "run", 0.4), ("v", 21, 24, "run", 0.4), HIT]
    table = found(*rows)
    better = mended(table, find_errors(TWO, table), "localization")
    assert better[["start", "end", "score"]].to_numpy().tolist() == [[20, 30, 0.4], [0, 10, 0.5]]


def test_nothing_is_left_when_all_is_unnoticed():
    before, gained = gains(TWO, found(), find_errors(TWO, found()), 0.5)
    assert before == 0
    assert math.isnan(gained.pop(UNNOTICED))
    assert gained == dict.fromkeys(KINDS[1:], 0)


def test_perfect_predictions_gain_nothing():
    table = TWO.assign(score=[0.2, 0.8])
    before, gained = gains(TWO, table, find_errors(TWO, table), 0.5)
    assert before == 1
    assert set(gained.values()) == {0}


def slow_mended_rows(ground_truth, table, kind):
    """Rows of the mended table, one prediction after the other."""
    errors = slow_errors(ground_truth, table)
    taken = {target for name, target in errors.values() if name == "true"}
    rows = {}
    for row in sorted(table.itertuples(), key=lambda row: -row.score):
        name, target = errors.get(row.Index, (kind, None))
        if name != kind:
            rows[row.Index] = (row.video, row.start, row.end, row.label, row.score)
        elif kind in MOVED and target is not None and target not in taken:
            taken.add(target)
            one = ground_truth.loc[target]
            rows[row.Index] = (one["video"], one["start"], one["end"], one["label"], row.score)
    return [rows[index] for index in sorted(rows)]


@settings(deadline=None, max_examples=50)
@given(INSTANCES, PREDICTIONS)
def test_mended_tables_are_those_of_a_slow_loop_and_gain(instances, predictions):
    ground_truth, table = truth(*instances), found(*predictions)
    errors = find_errors(ground_truth, table)
    before, gained = gains(ground_truth, table, errors, 0.5)
    assert before == pytest.approx(detection_map(ground_truth, table, [0.5]).mean_ap[0])
    for kind in KINDS[1:]:
        rows = slow_mended_rows(ground_truth, table, kind)
        assert list(mended(table, errors, kind).itertuples(index=False, name=None)) == rows
        expected = detection_map(ground_truth, found(*rows), [0.5]).mean_ap[0]
        assert gained[kind] == pytest.approx(expected - before)
        assert gained[kind] >= -1e-12
    assert np.isnan(gained[UNNOTICED]) == errors.unnoticed.all()
    assert not gained[UNNOTICED] < -1e-12
    moved = [mended(table, errors, kind) for kind in MOVED]
    for kind, better in zip(MOVED, moved, strict=True):
        # What is put onto an instance is right, and nobody loses one.
        after = find_errors(ground_truth, better)
        rescued = len(better) - (~errors.are(kind)).sum()
        assert after.are("true").sum() == errors.are("true").sum() + rescued
        assert not after.missed[~errors.missed].any()
