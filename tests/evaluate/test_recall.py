import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.errors import HcutalError
from hcutal.evaluate import recall as module
from hcutal.evaluate.recall import average_recall, recall_and_area
from tests.evaluate.reference import TIOU, instance, prediction, slow_recall, table


@settings(deadline=None, max_examples=60)
@given(st.lists(instance, min_size=1, max_size=8), st.lists(prediction, max_size=25))
def test_agrees_with_the_definition_where_the_best_are_few(instances, predictions):
    truth, found = table(instances), table(predictions, score=True)
    with pytest.MonkeyPatch.context() as patch:
        # So that a video has more proposals than are looked at.
        patch.setattr(module, "MOST", 3)
        recall = average_recall(truth, found, [0.3, 0.6], [1, 2, 3])
    for number, value in recall.items():
        assert value == pytest.approx(slow_recall(truth, found, [0.3, 0.6], number, most=3), abs=1e-9)


def test_by_hand():
    truth = table([("v", 0, 10, "run"), ("v", 20, 30, "run"), ("w", 0, 10, "jump")])
    rows = [
        ("v", 0, 10, "any", 0.9),
        ("v", 20, 28, "any", 0.5),
        ("w", 50, 60, "any", 0.9),
        ("w", 0, 10, "any", 0),
    ]
    recall, area = recall_and_area(truth, table(rows, score=True), [0.5, 0.9], [1, 2])
    # One proposal a video finds the first instance; two find all at 0.5, and all but the second at 0.9.
    assert recall == {1: pytest.approx(1 / 3), 2: pytest.approx((1 + 2 / 3) / 2)}
    # Trapezoids from 1 to 100: one slope, then 98 steps at the second value.
    assert area == pytest.approx(((1 / 3 + 5 / 6) / 2 + 98 * 5 / 6) / 100)


def test_the_perfect_proposal_covers_all_but_a_hundredth():
    truth = table([("v", 0, 10, "run"), ("w", 5, 9, "jump")])
    recall, area = recall_and_area(truth, truth.assign(score=1.0), TIOU, [1, 250])
    assert recall == {1: 1.0, 250: 1.0}
    assert area == pytest.approx(0.99)


def test_the_only_proposal_of_the_only_video_counts():
    truth = table([("v", 0, 10, "run")])
    assert average_recall(truth, truth.assign(score=1.0), [0.5], [1]) == {1: 1.0}


def test_nothing_found_and_nothing_to_find():
    truth, none = table([("v", 0, 10, "run")]), table([], score=True)
    assert recall_and_area(truth, none, TIOU, [1]) == ({1: 0.0}, 0.0)
    recall, area = recall_and_area(table([]), none, TIOU, [1])
    assert np.isnan(recall[1]) and np.isnan(area)


def test_thresholds_are_checked():
    with pytest.raises(HcutalError, match="expected one or more, above 0 and at most 1"):
        average_recall(table([]), table([], score=True), [], [1])
