import numpy as np
import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.evaluate.bootstrap import bootstrap_map, compare_maps
from hcutal.evaluate.detection import detection_map, match
from hcutal.evaluate.draws import drawn_maps
from tests.evaluate.reference import TIOU, table

VIDEOS = [f"v{number}" for number in range(40)]


def world(seed: int = 0, noise: float = 1.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    video = rng.integers(len(VIDEOS), size=150)
    start = rng.uniform(0, 50, 150)
    label = ["ab"[v % 2] for v in video]
    truth = table(list(zip([VIDEOS[v] for v in video], start, start + 4, label, strict=True)))
    found = pd.concat([truth] * 2, ignore_index=True)
    found["start"] += rng.normal(0, noise, len(found))
    found["end"] = found["start"] + 4
    return truth, found.assign(score=rng.uniform(size=len(found)))


def test_intervals_hold_the_map_and_the_middle_of_the_draws():
    truth, found = world()
    ends = bootstrap_map(truth, found, VIDEOS, TIOU, 300, 5, level=0.9)
    result = detection_map(truth, found, TIOU)
    assert (ends.low < result.mean_ap).all() and (result.mean_ap < ends.high).all()
    assert ends.average[0] < result.average_map < ends.average[1]
    drawn = drawn_maps(match(truth, found, TIOU), truth, found, VIDEOS, 300, 5)
    shifted = drawn - drawn.mean(axis=0) + result.mean_ap
    np.testing.assert_allclose(ends.low, np.quantile(shifted, 0.05, axis=0), atol=1e-12)
    np.testing.assert_allclose(ends.high, np.quantile(shifted, 0.95, axis=0), atol=1e-12)
    assert ends.bias == pytest.approx(drawn.mean() - result.average_map)
    assert (ends.draws, ends.seed, ends.level) == (300, 5, 0.9)


def test_the_seed_decides():
    truth, found = world()
    one, same, other = (bootstrap_map(truth, found, VIDEOS, TIOU, 50, seed) for seed in (1, 1, 2))
    assert one.as_dict() == same.as_dict()
    assert one.average != other.average


def test_certain_scores_have_no_width():
    truth, _ = world()
    ends = bootstrap_map(truth, truth.assign(score=1.0), VIDEOS, TIOU, 50, 0)
    assert (ends.low == 1).all() and (ends.high == 1).all() and ends.average == (1, 1)
    nothing = bootstrap_map(truth, table([], score=True), VIDEOS, TIOU, 50, 0)
    assert (nothing.low == 0).all() and nothing.average == (0, 0)


def test_ends_that_are_shifted_beyond_what_can_be_are_cut():
    truth = table([("v", 0, 5, "a"), ("w", 0, 5, "b"), ("x", 0, 5, "b")])
    found, videos = truth.assign(score=1.0), ["v", "w", "x"]
    # Of a draw without v only b counts, which lowers the mean; of the others some find everything.
    high = bootstrap_map(truth, found.head(2), videos, [0.5], 200, 0, level=0.98)
    assert high.bias < 0 and high.drawn.max() - high.bias > 1
    assert high.high == high.average[1] == 1
    # The same with all the others and nothing of a.
    low = bootstrap_map(truth, found.iloc[1:2], videos, [0.5], 200, 0, level=0.98)
    assert low.bias > 0 and low.drawn.min() - low.bias < 0
    assert low.low == low.average[0] == 0
    better = compare_maps(truth, found, found.tail(1), videos, [0.5], 200, 0, level=0.98).intervals
    assert better.drawn.max() - better.bias > 1 and better.high == 1
    worse = compare_maps(truth, found.tail(1), found, videos, [0.5], 200, 0, level=0.98).intervals
    assert worse.drawn.min() - worse.bias < -1 and worse.low == -1


def test_draws_without_an_instance_do_not_count():
    truth = table([("v0", 0, 5, "a")])
    ends = bootstrap_map(truth, truth.assign(score=1.0), ["v0", "v1"], [0.5], 200, 0)
    # A quarter of the draws of two videos holds v1 alone.
    assert 120 < ends.draws < 180
    assert ends.average == (1, 1)


def test_a_set_of_predictions_is_not_better_than_itself():
    truth, found = world()
    same = compare_maps(truth, found, found, VIDEOS, TIOU, 50, 0)
    assert same.intervals.average == (0, 0)
    assert (same.better == 0).all() and (same.worse == 0).all()
    assert same.as_dict()["average_mAP"]["difference"] == 0


def test_the_better_one_of_two_is_told():
    truth, good = world()
    _, bad = world(noise=2.5)
    comparison = compare_maps(truth, good, bad, VIDEOS, TIOU, 200, 0)
    mirrored = compare_maps(truth, bad, good, VIDEOS, TIOU, 200, 0)
    assert comparison.intervals.average[0] > 0
    assert comparison.better[-1] > 0.97
    np.testing.assert_array_equal(comparison.better, mirrored.worse)
    np.testing.assert_allclose(comparison.intervals.low, -mirrored.intervals.high, atol=1e-12)
    found = comparison.as_dict()
    assert list(found) == [*(f"mAP/{value:g}" for value in TIOU), "average_mAP"]
    expected = detection_map(truth, good, TIOU).average_map - detection_map(truth, bad, TIOU).average_map
    assert found["average_mAP"]["difference"] == pytest.approx(expected)


def test_pairs_are_narrower_than_the_two_alone():
    truth, a = world()
    b = a.assign(start=a["start"] + 0.05)
    paired = compare_maps(truth, a, b, VIDEOS, TIOU, 200, 0).intervals.average
    alone = bootstrap_map(truth, a, VIDEOS, TIOU, 200, 0).average
    assert paired[1] - paired[0] < 0.5 * (alone[1] - alone[0])


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_the_level_is_a_share(level):
    truth, found = world()
    with pytest.raises(HcutalError, match="expected more than 0 and less than 1"):
        bootstrap_map(truth, found, VIDEOS, TIOU, 5, 0, level)
