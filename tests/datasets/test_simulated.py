from pathlib import Path

import numpy as np
import pytest

from hcutal.data.annotations import read_annotations
from hcutal.datasets import simulated
from hcutal.errors import HcutalError
from hcutal.params.simulated import SimulatedPrepare, WorldParams
from tests.datasets.test_watch import digest

SMALL = SimulatedPrepare(
    classes=4,
    train_videos=12,
    test_videos=8,
    train_multi=2,
    test_multi=1,
    dimensions={"rgb": 8, "flow": 6},
    longest=40.0,
)
TRIAL = SimulatedPrepare(
    classes=20, train_videos=200, test_videos=210, train_multi=27, test_multi=34, longest=150.0
)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        simulated.prepare(tmp_path / name, SMALL.model_copy(update={"seed": seed}))
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


def test_files_fit_the_annotations(tmp_path: Path) -> None:
    simulated.prepare(tmp_path, SMALL)
    annotations = read_annotations(tmp_path / "annotations.json")
    assert annotations.videos["subset"].value_counts().to_dict() == {"train": 12, "test": 8}
    for video, _, duration in annotations.videos.itertuples(index=False):
        for stream, size in SMALL.dimensions.items():
            array = np.load(tmp_path / "recordings" / stream / f"{video}.npy")
            assert array.shape == (int(duration * 25 / 16), size)
            assert array.dtype == np.float32 and np.isfinite(array).all()


def test_the_structure_is_that_of_thumos14() -> None:
    plans = simulated.draw_all_plans(np.random.default_rng(0), TRIAL)
    annotations = simulated.annotate(plans)
    instances, videos = annotations.instances, annotations.videos
    lengths = instances["end"] - instances["start"]
    # The published annotations: median 3.0 s; 5 % under 0.8 s and 5 % over 10.7 s; 15 instances a video.
    assert lengths.median() == pytest.approx(3.0, abs=0.8)
    assert 0.4 < lengths.quantile(0.05) < 1.2 and 6 < lengths.quantile(0.95) < 15
    assert 4 < len(instances) / len(videos) < 20
    share = lengths.groupby(instances["video"]).sum() / videos.set_index("video")["duration"]
    assert 0.2 < share.mean() < 0.4
    multi = [name for name, labels in annotations.labels().items() if len(labels) > 1]
    assert (sum("train" in name for name in multi), sum("test" in name for name in multi)) == (27, 34)
    assert len(annotations.classes) == 20
    assert videos["duration"].max() <= 150
    for plan in plans.values():
        assert (plan.starts[1:] >= plan.ends[:-1] - 0.02).all()
        assert plan.starts[0] >= 0 and plan.ends[-1] <= plan.duration


def test_action_snippets_carry_their_class_and_no_others_do() -> None:
    world_params = WorldParams(
        noise=0.0, variation=0.0, light=0.0, camera=0.0, shot=0.0, distractor=0.0, scene=0.0, boundary=0.0
    )
    params = SMALL.model_copy(update={"world": world_params})
    world = simulated.draw_world(np.random.default_rng(0), params)
    plan = simulated.VideoPlan(16.0, np.array([2]), np.array([3.2]), np.array([6.4]), np.array([2]))
    features = simulated.draw_features(np.random.default_rng(1), plan, world, params)["rgb"]
    action = world_params.action * world.actions[2] @ world.streams["rgb"]
    inside = np.arange(25)
    inside = (inside >= 5) & (inside < 10)
    np.testing.assert_allclose(features[inside], np.tile(action, (5, 1)), rtol=1e-5)
    np.testing.assert_allclose(features[~inside], 0, atol=1e-6)


def test_boundaries_are_soft() -> None:
    presence = simulated._presence(np.array([0.5, 1.5, 2.5, 3.5]), np.array([1.2]), np.array([3.0]), 1.0)
    np.testing.assert_allclose(presence[:, 0], [0.0, 0.8, 1.0, 0.0], atol=1e-9)


def test_more_multi_class_videos_than_videos() -> None:
    with pytest.raises(
        HcutalError, match=r"prepare\.simulated\.test_multi: found 9; expected at most 8 videos"
    ):
        simulated.draw_all_plans(np.random.default_rng(0), SMALL.model_copy(update={"test_multi": 9}))
