"""Gains: worked out by hand, and for any tables what must hold of them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.diagnosis_errors import KINDS, find_errors
from hcutal.evaluate.mending import MOVED, UNNOTICED, gains
from tests.evaluate.cases import INSTANCES, PREDICTIONS, found, slow_errors, truth

TWO = truth(("v", 0, 10, "run"), ("v", 20, 30, "run"))
HIT = ("v", 0, 10, "run", 0.5)


def gains_of(ground_truth, table):
    return gains(find_errors(ground_truth, table, 0.5), table["score"].to_numpy(dtype=float))


def gain(ground_truth, *rows):
    before, gained = gains_of(ground_truth, found(*rows))
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
    rows = [("v", 20, 24, "run", 0.3), ("v", 20, 23, "run", 0.4), ("v", 50, 60, "run", 0.35), HIT]
    before, gained = gain(TWO, *rows)
    # At .4 it stands before the false positive at .35: precision 1 at both instances.
    assert before == pytest.approx(0.5)
    assert gained == pytest.approx({"localization": 0.5})


def test_nothing_is_left_when_all_is_unnoticed():
    before, gained = gains_of(TWO, found())
    assert before == 0
    assert math.isnan(gained.pop(UNNOTICED))
    assert gained == dict.fromkeys(KINDS[1:], 0)


def test_perfect_predictions_gain_nothing():
    table = TWO.assign(score=[0.2, 0.8])
    before, gained = gains_of(TWO, table)
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
def test_gains_are_those_of_tables_that_are_mended_and_matched_anew(instances, predictions):
    ground_truth, table = truth(*instances), found(*predictions)
    errors = find_errors(ground_truth, table)
    before, gained = gains_of(ground_truth, table)
    assert before == pytest.approx(detection_map(ground_truth, table, [0.5]).mean_ap[0])
    for kind in KINDS[1:]:
        rows = slow_mended_rows(ground_truth, table, kind)
        expected = detection_map(ground_truth, found(*rows), [0.5]).mean_ap[0]
        assert gained[kind] == pytest.approx(expected - before)
        assert gained[kind] >= -1e-12
    noticed = ground_truth[~errors.unnoticed]
    assert np.isnan(gained[UNNOTICED]) == noticed.empty
    if len(noticed):
        expected = detection_map(noticed, table, [0.5]).mean_ap[0]
        assert gained[UNNOTICED] == pytest.approx(expected - before)
        assert gained[UNNOTICED] >= -1e-12
