from pathlib import Path

import numpy as np
import pytest
import torch

from hcutal.data.store import FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.model.packed import TrainingFeatures

LENGTHS = {"b": 3, "a": 5, "c": 2}
VIDEOS = list(LENGTHS)


def values(video: str) -> np.ndarray:
    """Every snippet says whose it is and where it stands; the last dimension is always 7."""
    length = LENGTHS[video]
    columns = [np.full(length, VIDEOS.index(video)), np.arange(length), np.full(length, 7)]
    return np.stack(columns, axis=1).astype(np.float32)


@pytest.fixture
def features(tmp_path: Path) -> TrainingFeatures:
    with write_store(tmp_path / "store", "test", SnippetTimes(1.0, 1, 1)) as writer:
        for video in LENGTHS:
            writer.add(video, {"x": values(video)[:, :1], "y": values(video)[:, 1:]})
    return TrainingFeatures(FeatureStore(tmp_path / "store"), VIDEOS, torch.device("cpu"))


def test_a_sample_holds_snippets_of_its_videos_in_the_order_of_time(features: TrainingFeatures) -> None:
    index = np.array([2, 0, 1, 2])
    for seed in range(20):
        found = features.sample(index, 4, np.random.default_rng(seed)).numpy()
        assert found.shape == (4, 4, 3)
        np.testing.assert_array_equal(found[:, :, 0], np.repeat(index[:, None], 4, axis=1))
        assert (np.diff(found[:, :, 1], axis=1) >= 0).all()
        assert (found[:, :, 1].max(axis=1) < [2, 3, 5, 2]).all()


def test_every_snippet_is_taken_where_as_many_are_asked_for(features: TrainingFeatures) -> None:
    found = features.sample(np.array([1]), 5, np.random.default_rng(0))
    np.testing.assert_array_equal(found[0], values("a"))


def test_the_scale_is_that_of_all_snippets_and_a_constant_keeps_its_own(features: TrainingFeatures) -> None:
    everything = np.concatenate([values(video) for video in VIDEOS]).astype(np.float64)
    mean, deviation = features.scale()
    np.testing.assert_allclose(mean, everything.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(deviation, [*everything.std(axis=0)[:2], 1.0], rtol=1e-6)


def test_means_are_those_of_each_video(features: TrainingFeatures) -> None:
    np.testing.assert_allclose(features.means(), [[0, 1, 7], [1, 2, 7], [2, 0.5, 7]])
    assert features.dimensions == 3
    assert features.lengths.tolist() == [3, 5, 2]
