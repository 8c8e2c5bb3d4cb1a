from pathlib import Path

import numpy as np
import pytest

from hcutal.data.store import FeatureStore
from hcutal.datasets import imported, simulated
from hcutal.errors import HcutalError
from hcutal.params.imported import ImportedFeatures
from hcutal.params.simulated import SimulatedFeatures


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    for stream in ("rgb", "flow"):
        (folder / stream).mkdir(parents=True)
        for video, length in (("a", 4), ("b", 6)):
            np.save(folder / stream / f"{video}.npy", np.full((length, 3), length, np.float32))
    (folder / "recordings.json").write_text('{"fps": 25.0, "snippet_frames": 16}')
    return folder


def test_arrays_are_taken_as_they_are(recordings: Path, tmp_path: Path) -> None:
    simulated.features(recordings, tmp_path / "store", SimulatedFeatures())
    store = FeatureStore(tmp_path / "store")
    assert store.meta.lengths == {"a": 4, "b": 6}
    assert store.meta.streams == {"flow": 3, "rgb": 3}
    np.testing.assert_array_equal(store.read("b"), np.full((6, 6), 6))


def test_a_video_that_one_stream_lacks(recordings: Path, tmp_path: Path) -> None:
    (recordings / "flow/b.npy").unlink()
    with pytest.raises(HcutalError, match="streams of b are rgb; other videos have flow, rgb"):
        simulated.features(recordings, tmp_path / "store", SimulatedFeatures())
    assert not (tmp_path / "store").exists()


def test_no_arrays_at_all(recordings: Path, tmp_path: Path) -> None:
    for path in recordings.rglob("*.npy"):
        path.unlink()
    with pytest.raises(HcutalError, match="no video to make features of"):
        simulated.features(recordings, tmp_path / "store", SimulatedFeatures())


def test_a_listed_file_that_is_gone(recordings: Path, tmp_path: Path) -> None:
    (recordings / "index.csv").write_text("video,stream,path,content\na,rgb,gone.npy,0\n")
    with pytest.raises(HcutalError, match=r"gone\.npy: no such file"):
        imported.features(recordings, tmp_path / "store", ImportedFeatures())


def test_an_index_of_another_form(recordings: Path, tmp_path: Path) -> None:
    (recordings / "index.csv").write_text("video,path\na,gone.npy\n")
    with pytest.raises(HcutalError, match=r"index\.csv: no column stream; found video, path"):
        imported.features(recordings, tmp_path / "store", ImportedFeatures())
