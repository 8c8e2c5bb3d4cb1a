import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcutal.data.annotations import read_annotations
from hcutal.data.store import FeatureStore
from hcutal.datasets.feature_folder import FeatureFolder, check_folder
from hcutal.datasets.imported import features, prepare
from hcutal.errors import HcutalError
from hcutal.params.imported import ImportedFeatures, ImportedPrepare


def read_root(source: Path) -> FeatureFolder:
    """A folder that is fit to be used."""
    folder = check_folder(source, ImportedPrepare())
    folder.findings.refuse(source)
    return folder


def change(features_root: Path, video: str, **values: object) -> None:
    path = features_root / "gt.json"
    data = json.loads(path.read_text())
    data["database"][video] |= values
    path.write_text(json.dumps(data))


def test_from_the_folder_to_the_store(features_root: Path, tmp_path: Path) -> None:
    np.save(features_root / "features/train/rgb/unused.npy", np.zeros((3, 4), np.float32))
    prepare(tmp_path / "data", ImportedPrepare(), features_root)
    features(tmp_path / "data/recordings", tmp_path / "features", ImportedFeatures(extractor="i3d"))
    store = FeatureStore(tmp_path / "features")
    assert store.videos == ["v1", "v2", "v3"]
    assert (store.meta.extractor, store.meta.fps, store.meta.stride) == ("i3d", 25.0, 16)
    np.testing.assert_array_equal(
        store.read("v3")[:, 3:], np.load(features_root / "features/test/rgb/v3.npy")
    )
    mine, theirs = tmp_path / "features/rgb/v1.npy", features_root / "features/train/rgb/v1.npy"
    assert mine.read_bytes() == theirs.read_bytes()
    # A link would let the cache change the user's file, and the user's edits the cache.
    assert theirs.stat().st_nlink == 1 and not mine.is_symlink()
    about = json.loads((tmp_path / "data/recordings/recordings.json").read_text())
    assert about == {"fps": 25.0, "snippet_frames": 16, "unused_files": 1}


def test_unknown_durations_are_taken_from_the_features(features_root: Path, tmp_path: Path) -> None:
    change(features_root, "v1", annotations=[{"segment": [6, 7.5], "label": "Dive"}])
    prepare(tmp_path / "data", ImportedPrepare(), features_root)
    videos = pd.read_csv(tmp_path / "data/videos.csv", index_col="video")
    assert videos["duration"].tolist() == [6.4, 6.4, 6.4]
    durations = read_annotations(tmp_path / "data/annotations.json").videos["duration"]
    assert durations.tolist() == [7.5, 6.4, 6.4]


def test_the_splits_say_what_is_trained_on(features_root: Path) -> None:
    change(features_root, "v1", subset="test")
    assert read_root(features_root).annotations.videos["subset"].tolist() == ["train", "train", "test"]


def test_features_far_from_the_duration(features_root: Path, tmp_path: Path) -> None:
    change(features_root, "v2", duration=8.0)
    message = r"v2 lasts 8 s, its features 6\.4 s at fps 25 and snippet_frames 16 \(1 videos differ\)"
    with pytest.raises(HcutalError, match=message):
        prepare(tmp_path / "data", ImportedPrepare(), features_root)
    assert not (tmp_path / "data").exists()
    prepare(tmp_path / "data", ImportedPrepare(tolerance=0.3), features_root)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((10, 5), np.float32), r"v2\.npy: D is 5; expected 4"),
        (np.zeros((9, 4), np.float32), r"v2\.npy: 9 snippets; another stream of v2 has 10"),
        (np.full((10, 4), np.nan, np.float32), r"v2\.npy: NaN or infinite"),
        (np.zeros((0, 4), np.float32), r"v2\.npy: shape is \(0, 4\)"),
        (np.zeros((10, 4), np.int64), r"v2\.npy: int64 \(10, 4\); expected float16, float32 or float64"),
        (np.array([{}], dtype=object), "pickled objects are never loaded; where you trust the file"),
    ],
)
def test_arrays_that_cannot_be_used(
    features_root: Path, tmp_path: Path, array: np.ndarray, message: str
) -> None:
    np.save(features_root / "features/train/rgb/v2.npy", array, allow_pickle=True)
    with pytest.raises(HcutalError, match=message):
        prepare(tmp_path / "data", ImportedPrepare(), features_root)
    assert not (tmp_path / "data").exists()


def test_what_is_missing_is_listed(features_root: Path) -> None:
    (features_root / "features/train/rgb/v2.npy").unlink()
    (features_root / "features/test/flow/v3.npy").unlink()
    with pytest.raises(HcutalError, match=r"2 files are missing: train/rgb/v2\.npy, test/flow/v3\.npy"):
        read_root(features_root)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("split_train.txt", "v1\nv2\nv9\n", r"gt\.json: 1 videos of the splits are missing: v9"),
        ("split_train.txt", "v1\nv2\nv1\n", r"split_train\.txt: found v1 twice; expected each video once"),
        ("split_test.txt", "\n", r"split_test\.txt: found no video"),
        ("split_test.txt", "v1\n", "1 videos stand in both splits: v1"),
        ("gt.json", "{", r"gt\.json: not valid JSON"),
    ],
)
def test_lists_that_do_not_fit(features_root: Path, name: str, text: str, message: str) -> None:
    (features_root / name).write_text(text)
    with pytest.raises(HcutalError, match=message):
        read_root(features_root)


def test_streams_that_differ(features_root: Path) -> None:
    (features_root / "features/test/flow").rename(features_root / "features/test/motion")
    with pytest.raises(HcutalError, match=r"\['flow', 'rgb'\] in train, \['motion', 'rgb'\] in test"):
        read_root(features_root)


def test_no_folder_no_split_and_joint_features(features_root: Path, tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"none: no such folder; expected gt\.json"):
        read_root(tmp_path / "none")
    (features_root / "split_test.txt").unlink()
    with pytest.raises(HcutalError, match=r"split_test\.txt: cannot be read"):
        read_root(features_root)
    (tmp_path / "wtalc").mkdir()
    (tmp_path / "wtalc" / "Thumos14-I3D-JOINTFeatures.npy").write_bytes(b"")
    with pytest.raises(HcutalError, match="features of all videos in one file; pickled objects are never"):
        read_root(tmp_path / "wtalc")
