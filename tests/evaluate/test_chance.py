import numpy as np
import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.evaluate.chance import chance_map, shuffled
from hcutal.evaluate.detection import detection_map


@pytest.fixture
def world():
    rng = np.random.default_rng(3)
    n = 400
    truth = pd.DataFrame({"video": rng.integers(0, 20, n).astype(str), "start": rng.uniform(0, 90, n)})
    truth["end"] = truth["start"] + rng.uniform(1, 8, n)
    truth["label"] = rng.choice(["a", "b", "c"], n)
    durations = pd.Series(100.0, index=truth["video"].unique())
    return truth, truth.assign(score=rng.uniform(size=n)), durations


def test_keeps_videos_lengths_labels_and_scores(world):
    _, found, durations = world
    other = shuffled(found, durations, np.random.default_rng(0))
    np.testing.assert_array_equal(other["video"], found["video"])
    np.testing.assert_allclose(other["end"] - other["start"], found["end"] - found["start"])
    assert sorted(zip(other["label"], other["score"], strict=True)) == sorted(
        zip(found["label"], found["score"], strict=True)
    )
    assert (other["start"] >= 0).all() and (other["end"] <= 100 + 1e-9).all()
    assert abs(np.corrcoef(other["start"], found["start"])[0, 1]) < 0.2
    assert (other["label"].to_numpy() != found["label"].to_numpy()).any()


def test_places_are_uniform_over_the_video(world):
    _, found, durations = world
    other = shuffled(found, durations, np.random.default_rng(0))
    share = other["start"].to_numpy() / (100 - (found["end"] - found["start"]).to_numpy())
    np.testing.assert_allclose(
        np.quantile(share, [0.1, 0.25, 0.5, 0.75, 0.9]), [0.1, 0.25, 0.5, 0.75, 0.9], atol=0.07
    )
    assert share.min() < 0.02 and share.max() > 0.98


def test_unknown_durations_end_with_the_latest_prediction(world):
    _, found, durations = world
    other = shuffled(found, durations * np.nan, np.random.default_rng(0))
    latest = found.groupby("video")["end"].max()
    assert (other["end"].to_numpy() <= latest[other["video"]].to_numpy() + 1e-9).all()


def test_chance_is_repeatable_and_far_below_the_truth(world):
    truth, found, durations = world
    chance = chance_map(truth, found, durations, [0.3, 0.5], draws=3, seed=1)
    np.testing.assert_array_equal(chance, chance_map(truth, found, durations, [0.3, 0.5], draws=3, seed=1))
    assert not np.array_equal(chance, chance_map(truth, found, durations, [0.3, 0.5], draws=3, seed=2))
    assert detection_map(truth, found, [0.5]).average_map == 1.0
    assert 0 < chance[1] < chance[0] < 0.2


def test_coded_columns_give_the_same(world):
    truth, found, durations = world
    coded = found.assign(video=found["video"].astype("category"), label=found["label"].astype("category"))
    np.testing.assert_array_equal(
        chance_map(truth, coded, durations, [0.3], 2, 0), chance_map(truth, found, durations, [0.3], 2, 0)
    )


def test_draws_are_checked(world):
    with pytest.raises(HcutalError, match="chance draws are 0; expected 1 or more"):
        chance_map(*world, [0.5], draws=0, seed=0)
