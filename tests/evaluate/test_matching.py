"""Overlaps and the greedy assignment by themselves, against loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.evaluate.matching import (
    Pairs,
    Segments,
    greedy_assignment,
    greedy_matches,
    overlapping_pairs,
    temporal_iou,
)
from tests.evaluate.reference import slow_tiou

# A group and a segment, some without length.
SEGMENT = st.tuples(st.integers(0, 2), st.integers(0, 8), st.integers(0, 4))


def arrays(rows) -> Segments:
    group, start, length = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Segments(group, start.astype(float), (start + length).astype(float))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((0, 10), (5, 15), 1 / 3),
        ((0, 10), (10, 20), 0),
        ((0, 10), (30, 40), 0),
        ((2, 8), (0, 10), 0.6),
        ((3, 3), (0, 10), 0),
        ((3, 3), (3, 3), 0),
    ],
)
def test_tiou_by_hand(a, b, expected):
    one, other = (np.array([segment], dtype=float).T for segment in (a, b))
    assert temporal_iou(*one, *other) == pytest.approx(expected)
    assert temporal_iou(*other, *one) == pytest.approx(expected)


def test_tiou_of_all_with_all_by_broadcasting():
    start, end = np.array([0.0, 5.0]), np.array([10.0, 15.0])
    tiou = temporal_iou(start[:, None], end[:, None], start, end)
    np.testing.assert_allclose(tiou, [[1, 1 / 3], [1 / 3, 1]])


@settings(deadline=None, max_examples=60)
@given(st.lists(SEGMENT, max_size=8), st.lists(SEGMENT, max_size=8), st.sampled_from([0.1, 0.5, 1.0]))
def test_all_pairs_are_found_best_first(predictions, instances, minimum):
    found, truth = arrays(predictions), arrays(instances)
    pairs = overlapping_pairs(found, truth, minimum)
    expected = []
    for place, (group, start, length) in enumerate(predictions):
        of_one = [
            (-slow_tiou((start, start + length), (other[1], other[1] + other[2])), -number)
            for number, other in enumerate(instances)
            if other[0] == group
        ]
        expected += [(place, -number, -tiou) for tiou, number in sorted(of_one) if -tiou >= minimum]
    rows = np.column_stack([pairs.prediction, pairs.instance, pairs.tiou])
    np.testing.assert_allclose(rows, np.reshape(expected, (-1, 3)), atol=1e-12)


def test_group_minus_one_matches_nothing():
    lost = Segments(np.array([-1]), np.array([0.0]), np.array([10.0]))
    known = Segments(np.array([0]), lost.start, lost.end)
    for one, other in ((lost, lost), (lost, known), (known, lost)):
        assert overlapping_pairs(one, other, 0.1).prediction.size == 0


def test_pairs_at_the_threshold_are_kept():
    pairs = Pairs(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0.9, 0.5, 0.7]))
    assert pairs.above(0.7).prediction.tolist() == [0, 1]
    assert pairs.above(0.7).instance.tolist() == [0, 1]


def test_a_long_chain_of_refusals_is_settled():
    """Everyone likes instance 0 best, then 1, and so on: the n-th gets its n-th choice."""
    number = 30
    prediction, instance = np.divmod(np.arange(number * number), number)
    pairs = Pairs(prediction, instance, 1 - instance / number)
    chosen, got = greedy_assignment(pairs, number)
    assert chosen.tolist() == got.tolist() == list(range(number))
    assert greedy_matches(pairs, number).tolist() == list(range(number))
