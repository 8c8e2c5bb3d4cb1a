from pathlib import Path

import numpy as np
import pytest
import torch

from hcutal.data.pieces import Piece
from hcutal.data.store import FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.model import packed
from hcutal.model.packed import TrainingFeatures

LENGTHS = {"b": 3, "a": 5, "c": 2}
VIDEOS = list(LENGTHS)


def values(video: str) -> np.ndarray:
    """Every snippet says whose it is and where it stands; the last dimension is always 7."""
    length = LENGTHS[video]
    columns = [np.full(length, VIDEOS.index(video)), np.arange(length), np.full(length, 7)]
    return np.stack(columns, axis=1).astype(np.float32)


# A video has 10 bytes a snippet: the first has 30, all have 100.
@pytest.fixture(params=[100, 99, 30, 0])
def features(request: pytest.FixtureRequest, tmp_path: Path) -> TrainingFeatures:
    with write_store(tmp_path / "store", "test", SnippetTimes(1.0, 1, 1)) as writer:
        for video in LENGTHS:
            streams = {"x": values(video)[:, :1].astype(np.float16), "y": values(video)[:, 1:]}
            writer.add(video, streams)
    return TrainingFeatures(FeatureStore(tmp_path / "store"), VIDEOS, torch.device("cpu"), kept=request.param)


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


def test_what_is_done_to_each_video_is_done_to_the_sample(features: TrainingFeatures) -> None:
    index = np.array([1, 1, 2])
    plain = features.sample(index, 4, np.random.default_rng(0))
    changed = features.sample(index, 4, np.random.default_rng(0), lambda part: part.add_(1).mul_(2))
    assert torch.equal(changed, 2 * (plain + 1))


def test_the_digest_is_of_names_and_values_wherever_these_are_kept(features: TrainingFeatures) -> None:
    store = features._store
    assert features.digest() == TrainingFeatures(store, VIDEOS, torch.device("cpu")).digest()
    assert features.digest() != TrainingFeatures(store, VIDEOS[::-1], torch.device("cpu")).digest()


@pytest.mark.parametrize("held", [0, packed.HELD])
@pytest.mark.parametrize(("part", "sizes"), [(1, [1, 1, 1]), (8, [2, 1]), (100, [3])])
def test_snippets_of_all_videos_are_those_of_a_sample(
    features: TrainingFeatures, monkeypatch: pytest.MonkeyPatch, held: int, part: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(packed, "HELD", held)
    monkeypatch.setattr(packed, "PART", part)
    expected = features.sample(np.arange(3), 4, np.random.default_rng(0))
    found = features.sample_all(4, np.random.default_rng(0))
    assert (len(found), found.snippets) == (3, 4)
    assert [len(own) for own in found.parts()] == sizes
    assert torch.equal(torch.cat(list(found.parts())), expected)
    assert torch.equal(found[torch.tensor([2, 0, 2])], expected[[2, 0, 2]])
    chosen = found.chosen(torch.tensor([[1, 3], [0, 1], [2, 2]]))
    assert chosen.snippets == 2
    assert torch.equal(chosen[torch.tensor([2, 0])], torch.stack([expected[2, [2, 2]], expected[0, [1, 3]]]))


def test_a_value_that_is_not_finite_is_found_before_training(tmp_path: Path) -> None:
    with write_store(tmp_path / "store", "test", SnippetTimes(1.0, 1, 1)) as writer:
        writer.add("a", {"x": np.ones((3, 2), np.float16)})
        writer.add("b", {"x": np.array([[1, np.inf]], np.float16)})
    store = FeatureStore(tmp_path / "store")
    for kept in (0, 1000):
        with pytest.raises(HcutalError, match="store: b: NaN or infinite feature values"):
            TrainingFeatures(store, ["a", "b"], torch.device("cpu"), kept)


@pytest.mark.parametrize("kept", [1000, 0])
def test_a_piece_is_sampled_from_its_own_part(kept: int, tmp_path: Path) -> None:
    with write_store(tmp_path / "store", "test", SnippetTimes(1.0, 1, 1)) as writer:
        for video in LENGTHS:
            writer.add(video, {"x": values(video)})
    store, cpu = FeatureStore(tmp_path / "store"), torch.device("cpu")
    # Not in the order of the recordings.
    pieces = [Piece("a", 2, 5), Piece("b", 0, 3), Piece("a", 0, 3), Piece("c", 0, 2)]
    features = TrainingFeatures(store, VIDEOS, cpu, kept, pieces)
    assert features.lengths.tolist() == [3, 3, 3, 2]
    assert features.recordings.tolist() == [1, 0, 1, 2]
    assert features.is_cut
    found = features.sample(np.array([0, 1, 2]), 3, np.random.default_rng(0))
    np.testing.assert_array_equal(found[0], values("a")[2:5])
    np.testing.assert_array_equal(found[1], values("b"))
    np.testing.assert_array_equal(found[2], values("a")[:3])
    np.testing.assert_allclose(features.means(), [[1, 3, 7], [0, 1, 7], [1, 1, 7], [2, 0.5, 7]])
    assert features.digest() != TrainingFeatures(store, VIDEOS, cpu, kept).digest()
