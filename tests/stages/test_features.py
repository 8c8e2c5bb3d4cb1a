import json
from pathlib import Path

import numpy as np
import pytest

from hcutal.data.store import FeatureStore
from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.stages import features, prepare


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    root = tmp_path / "mine"
    database = {}
    for subset, video in (("train", "v1"), ("test", "v2")):
        folder = root / "features" / subset / "audio"
        folder.mkdir(parents=True)
        np.save(folder / f"{video}.npy", np.ones((5, 2), np.float16))
        (root / f"split_{subset}.txt").write_text(f"{video}\n")
        database[video] = {"subset": subset, "annotations": [{"segment": [0, 1], "label": "Speech"}]}
    (root / "gt.json").write_text(json.dumps({"database": database}))
    entry = {"kind": "features", "source": str(root), "prepare": {}, "features": {"extractor": "mine"}}
    write_json("resolved.json", {"datasets": {"mine": entry}, "experiments": {}})
    return root


def test_features_of_the_user_with_one_stream(imported: Path) -> None:
    prepare.run("mine")
    features.run("mine")
    store = FeatureStore("features/mine")
    assert store.meta.model_dump() == {
        "extractor": "mine",
        "fps": 25.0,
        "snippet_frames": 16,
        "stride": 16,
        "streams": {"audio": 2},
        "weights": None,
        "videos": 2,
        "lengths": {"v1": 5, "v2": 5},
        "settings": {},
        "contents": {},
        "failed": {},
        "offset": 0.0,
        "own_times": {},
    }


def test_an_array_that_went_bad_after_prepare_leaves_the_old_store(imported: Path) -> None:
    prepare.run("mine")
    features.run("mine")
    path = imported / "features/train/audio/v1.npy"
    path.unlink()
    np.save(path, np.full((5, 2), np.nan, np.float16))
    with pytest.raises(HcutalError, match=r"v1\.npy: NaN or infinite"):
        features.run("mine")
    assert FeatureStore("features/mine").read("v1").tolist() == [[1, 1]] * 5


def test_recordings_alone_are_read(imported: Path) -> None:
    prepare.run("mine")
    for name in ("annotations.json", "labels.json", "supervision/weak.json", "supervision/mapped.json"):
        Path("data/mine", name).unlink()
    features.run("mine")
    assert FeatureStore("features/mine").videos == ["v1", "v2"]
