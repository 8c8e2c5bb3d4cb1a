import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.losses.dwa import DynamicWeightAverage


def test_weights_by_hand() -> None:
    # Averages over periods of two steps: a 4 -> 2 (ratio .5), b 1 -> 1 (ratio 1); T = 2.
    dwa = DynamicWeightAverage(["a", "b"], period=2, temperature=2.0)
    for a, b in ((5.0, 1.0), (3.0, 1.0), (2.5, 0.5), (1.5, 1.5)):
        assert dwa.weights == {"a": 1.0, "b": 1.0}
        dwa.update({"a": a, "b": b})
    slow, stands = math.exp(0.5 / 2), math.exp(1.0 / 2)
    assert dwa.weights["a"] == pytest.approx(2 * slow / (slow + stands))
    assert dwa.weights["b"] == pytest.approx(2 * stands / (slow + stands))


def test_the_temperature_is_that_of_the_original_where_none_is_given() -> None:
    dwa = DynamicWeightAverage(["a", "b"], period=1)
    for a in (2.0, 1.0):
        dwa.update({"a": a, "b": 1.0})
    assert dwa.weights["a"] / dwa.weights["b"] == pytest.approx(math.exp((0.5 - 1.0) / 2.0))


@pytest.mark.parametrize(
    ("before", "last", "ratio"),
    [
        (1.0, 1e-8, 1e-8),
        (1e-9, 1e-10, 0.1),
        # What was 0 stands still, whatever it is now.
        (0.0, 0.0, 1.0),
        (0.0, 5.0, 1.0),
    ],
)
def test_small_and_vanished_losses_have_the_ratio_of_their_fall(
    before: float, last: float, ratio: float
) -> None:
    dwa = DynamicWeightAverage(["a", "b"], period=1)
    for a in (before, last):
        dwa.update({"a": a, "b": 3.0})
    assert dwa.weights["a"] / dwa.weights["b"] == pytest.approx(math.exp((ratio - 1) / 2))


def test_a_loss_that_comes_out_of_nothing_takes_all_the_weight() -> None:
    dwa = DynamicWeightAverage(["a", "b"], period=1)
    for a in (1e-12, 1.0):
        dwa.update({"a": a, "b": 1.0})
    assert dwa.weights == pytest.approx({"a": 2.0, "b": 0.0})


def test_only_the_last_two_periods_count() -> None:
    first, second = (DynamicWeightAverage(["a", "b"], period=1) for _ in range(2))
    for value in (9.0, 2.0, 1.0):
        first.update({"a": value, "b": 1.0})
    for value in (2.0, 1.0):
        second.update({"a": value, "b": 1.0})
    assert first.weights == second.weights


@given(st.lists(st.tuples(*[st.floats(0, 1e6)] * 3), max_size=9), st.integers(1, 3), st.floats(0.1, 10))
def test_weights_are_positive_and_sum_to_the_number_of_tasks(
    losses: list[tuple[float, float, float]], period: int, temperature: float
) -> None:
    dwa = DynamicWeightAverage(["a", "b", "c"], period, temperature)
    for row in losses:
        dwa.update(dict(zip("abc", row, strict=True)))
    assert sum(dwa.weights.values()) == pytest.approx(3)
    assert all(math.isfinite(weight) and weight >= 0 for weight in dwa.weights.values())


def test_bad_settings() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        DynamicWeightAverage(["a"], period=0)
