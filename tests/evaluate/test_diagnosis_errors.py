"""Kinds of false positives: hand-made cases, and a slow classification from the definitions."""

import numpy as np
import pytest
from hypothesis import given, settings

from hcutal.errors import HcutalError
from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.diagnosis_errors import KINDS, count_groups, count_kinds, find_errors
from tests.evaluate.cases import INSTANCES, PREDICTIONS, found, slow_errors, truth

FOUR = truth(("v", 0, 10, "run"), ("v", 20, 30, "jump"), ("w", 0, 10, "jump"), ("w", 40, 50, "run"))


def counts(**kinds):
    return dict.fromkeys(KINDS, 0) | kinds


@pytest.mark.parametrize(
    ("row", "kind", "target"),
    [
        (("v", 0, 9, "run"), "true", 0),
        (("v", 20, 29, "run"), "wrong_label", 1),
        (("v", 0, 4, "run"), "localization", 0),
        (("v", 20, 24, "run"), "confusion", -1),
        (("v", 50, 60, "run"), "background", -1),
        (("elsewhere", 0, 10, "run"), "background", -1),
        # The thresholds belong to the upper kind.
        (("v", 0, 5, "run"), "true", 0),
        (("v", 0, 1, "run"), "localization", 0),
        # A wrong label that fits comes before a right one that only touches.
        (("w", 2, 45, "run"), "localization", 3),
        (("w", 0, 14, "run"), "wrong_label", 2),
    ],
)
def test_kinds_of_errors(row, kind, target):
    errors = find_errors(FOUR, found((*row, 0.5)))
    assert count_kinds(errors) == counts(**{kind: 1})
    assert errors.target.tolist() == [target]


def test_the_second_on_an_instance_is_double_and_unknown_classes_are_left_out():
    rows = ("v", 0, 10, "run", 0.8), ("v", 0, 9, "run", 0.9), ("v", 0, 10, "swim", 1.0)
    errors = find_errors(FOUR, found(*rows))
    assert count_kinds(errors) == counts(true=1, double=1)
    assert errors.task.row[errors.are("true")].tolist() == [1]
    assert errors.missed.tolist() == [False, True, True, True]


def test_missed_instances_are_noticed_by_what_points_to_them():
    rows = ("v", 0, 4, "run", 0.9), ("v", 20, 30, "run", 0.8), ("w", 40, 44, "jump", 0.7)
    errors = find_errors(FOUR, found(*rows))
    assert count_kinds(errors) == counts(localization=1, wrong_label=1, confusion=1)
    assert errors.missed.all()
    assert errors.unnoticed.tolist() == [False, False, True, True]


def test_groups_are_as_large_as_the_class():
    rows = [("v", 0, 10, "run", 0.9), ("v", 0, 4, "run", 0.8), ("v", 50, 60, "run", 0.7)]
    rows += [("v", 0, 9, "run", 0.6), ("v", 0, 8, "run", 0.5), ("v", 20, 30, "jump", 0.1)]
    errors = find_errors(FOUR, found(*rows))
    assert list(count_groups(errors, 3)) == [
        counts(true=2, localization=1),
        counts(background=1, double=1),
        counts(double=1),
    ]


def test_nothing_to_judge():
    assert count_kinds(find_errors(FOUR, found())) == counts()
    assert count_kinds(find_errors(truth(), found(("v", 0, 1, "run", 1)))) == counts()


@pytest.mark.parametrize(("tiou", "touch"), [(0.5, 0.5), (0.5, 0.7), (0.5, 0.0), (1.5, 0.1)])
def test_thresholds_are_checked(tiou, touch):
    with pytest.raises(
        HcutalError, match=rf"touch is {touch}, tIoU is {tiou}; expected 0 < touch < tIoU <= 1"
    ):
        find_errors(FOUR, found(), tiou, touch)


def test_a_tiou_of_one_is_allowed():
    assert count_kinds(find_errors(FOUR, found(("v", 0, 10, "run", 1)), tiou=1)) == counts(true=1)


@settings(deadline=None, max_examples=150)
@given(INSTANCES, PREDICTIONS)
def test_agrees_with_a_slow_classification(instances, predictions):
    ground_truth, table = truth(*instances), found(*predictions)
    errors = find_errors(ground_truth, table)
    expected = slow_errors(ground_truth, table)
    names = [KINDS[kind] for kind in errors.kind]
    targets = [None if target < 0 else target for target in errors.target.tolist()]
    assert dict(zip(errors.task.row.tolist(), zip(names, targets, strict=True), strict=True)) == expected


@settings(deadline=None, max_examples=50)
@given(INSTANCES, PREDICTIONS)
def test_kinds_partition_the_predictions_and_the_true_ones_are_those_of_the_evaluation(
    instances, predictions
):
    ground_truth, table = truth(*instances), found(*predictions)
    errors = find_errors(ground_truth, table)
    assert sum(count_kinds(errors).values()) == table["label"].isin(ground_truth["label"]).sum()
    assert np.sum([errors.are(kind) for kind in KINDS], axis=0).tolist() == [1] * len(errors.kind)
    assert (~errors.missed).sum() == errors.are("true").sum()
    # Without its false positives every class has as much AP as it has recall.
    rows = np.sort(errors.task.row[errors.are("true")])
    recall = (~errors.missed).astype(float)
    perfect = detection_map(ground_truth, table.iloc[rows], [0.5])
    labels = ground_truth["label"].to_numpy()
    assert perfect.ap[0] == pytest.approx([recall[labels == name].mean() for name in perfect.classes])
