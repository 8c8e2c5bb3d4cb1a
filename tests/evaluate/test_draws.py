import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.errors import HcutalError
from hcutal.evaluate import draws as module
from hcutal.evaluate.detection import detection_map, match
from hcutal.evaluate.draws import drawn_maps
from tests.evaluate.reference import TIOU, instance, prediction, slow_map, table

VIDEOS = ["v", "w", "x", "empty"]


def copied(rows: pd.DataFrame, weights: dict[str, int]) -> pd.DataFrame:
    """Each row once for each copy of its video, copies together, as videos of their own."""
    number = rows["video"].map(weights).fillna(1).astype(int)
    out = rows.loc[rows.index.repeat(number)]
    copy = out.groupby(level=0).cumcount().astype(str)
    return out.assign(video=out["video"] + "/" + copy).reset_index(drop=True)


def weights_of(draws: int, seed: int, videos: list[str]) -> list[dict[str, int]]:
    drawn = np.random.default_rng(seed).multinomial(len(videos), [1 / len(videos)] * len(videos), size=draws)
    return [dict(zip(videos, map(int, row), strict=True)) for row in drawn]


@settings(deadline=None, max_examples=40)
@given(st.lists(instance, min_size=1, max_size=10), st.lists(prediction, max_size=20), st.integers(0, 99))
def test_is_the_map_of_copied_videos(instances, predictions, seed):
    truth, found = table(instances), table(predictions, score=True)
    tiou = [0.2, 0.5]
    drawn = drawn_maps(match(truth, found, tiou), truth, found, VIDEOS, 4, seed)
    for row, weights in zip(drawn, weights_of(4, seed, VIDEOS), strict=True):
        copies = copied(truth, weights)
        if copies.empty:
            assert np.isnan(row).all()
            continue
        expected = [slow_map(copies, copied(found, weights), value) for value in tiou]
        np.testing.assert_allclose(row, expected, atol=1e-9, rtol=0)


@settings(deadline=None, max_examples=30)
@given(st.lists(instance, min_size=1, max_size=10), st.lists(prediction, max_size=20))
def test_one_video_is_always_drawn(instances, predictions):
    truth, found = table(instances).assign(video="v"), table(predictions, score=True)
    drawn = drawn_maps(match(truth, found, TIOU), truth, found, ["v"], 2, 0)
    expected = detection_map(truth, found, TIOU).mean_ap
    np.testing.assert_allclose(drawn, [expected, expected], atol=1e-12, rtol=0)


@pytest.mark.parametrize("chunk", [1, 100])
def test_small_chunks_change_nothing(monkeypatch, chunk):
    rng = np.random.default_rng(0)
    truth = table([(f"v{i % 7}", i, i + 2, "ab"[i % 2]) for i in range(30)])
    found = truth.assign(score=rng.uniform(size=30), start=truth["start"] + rng.uniform(-2, 1, 30))
    videos = [f"v{i}" for i in range(7)]
    matches = match(truth, found, TIOU)
    whole = drawn_maps(matches, truth, found, videos, 50, 3)
    monkeypatch.setattr(module, "CHUNK", chunk)
    np.testing.assert_array_equal(drawn_maps(matches, truth, found, videos, 50, 3), whole)
    assert len(np.unique(whole[:, -1])) > 10


def test_bad_arguments_are_named():
    truth, found = table([("v", 0, 1, "run")]), table([], score=True)
    matches = match(truth, found, [0.5])
    with pytest.raises(HcutalError, match="draws are 0; expected 1 or more"):
        drawn_maps(matches, truth, found, ["v"], 0, 0)
    with pytest.raises(
        HcutalError, match="the video 'v' of the ground truth is not among those that are drawn"
    ):
        drawn_maps(matches, truth, found, ["w"], 1, 0)
