"""What is named on the command line: features of one or all streams, stores, recordings, and what is refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from hcutal.apply.inputs import gather, read_streams
from hcutal.apply.trained import TrainedRun
from hcutal.data.store import FeatureStore
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json


def failure(path: Path, run: TrainedRun) -> str:
    inputs = gather([path], run)
    assert not inputs.features and not inputs.media
    return inputs.failed[str(path)]


def test_a_store_gives_all_its_recordings(run: TrainedRun) -> None:
    inputs = gather([Path("features/ds")], run)
    assert sorted(inputs.features) == ["a", "b", "c"]
    np.testing.assert_array_equal(inputs.features["b"](), FeatureStore("features/ds").read("b"))


def test_one_stream_finds_the_others(run: TrainedRun) -> None:
    inputs = gather([Path("features/ds/gyroscope/b.npy")], run)
    np.testing.assert_array_equal(inputs.features["b"](), FeatureStore("features/ds").read("b"))
    Path("features/ds/accelerometer/b.npy").unlink()
    with pytest.raises(HcutalError, match=r"accelerometer/b\.npy: no such file"):
        inputs.features["b"]()


def test_streams_side_by_side_are_one_array(run: TrainedRun) -> None:
    features = FeatureStore("features/ds").read("b")
    np.save("joint.npy", features)
    np.testing.assert_array_equal(gather([Path("joint.npy")], run).features["joint"](), features)


def test_files_that_the_extractor_reads_are_recordings(run: TrainedRun) -> None:
    inputs = gather([Path("raw/a.npy")], run)
    assert (inputs.features, inputs.media) == ({}, {"a": Path("raw/a.npy")})
    assert sorted(gather([Path("raw")], run).media) == ["a", "b", "c"]


def test_what_cannot_be_used_is_named_and_stops_nothing(run: TrainedRun) -> None:
    Path("notes.txt").write_text("hello")
    inputs = gather([Path("notes.txt"), Path("features/ds"), Path("missing.npy")], run)
    assert len(inputs.features) == 3
    assert "missing.npy: no such file" in inputs.failed["missing.npy"]
    assert "[T, 48]" in inputs.failed["notes.txt"] and "watch reads .npy" in inputs.failed["notes.txt"]


def test_without_an_extractor_only_features_will_do(run: TrainedRun) -> None:
    features = run.features.model_copy(update={"extractor": "imported"})
    run = TrainedRun(run.name, run.localizer, run.mapping, run.params, features)
    assert "'imported', is no extractor that is known here" in failure(Path("raw/a.npy"), run)
    assert "no features.json; expected a feature store" in failure(Path("raw"), run)
    Path("broken.npy").write_bytes(b"\x93NUMPY")
    assert "not an npy file" in failure(Path("broken.npy"), run)


def test_features_of_another_spacing_are_refused(run: TrainedRun) -> None:
    sidecar = read_json("features/ds/features.json")
    write_json("features/ds/features.json", {**sidecar, "fps": 25.0})
    for path in (Path("features/ds"), Path("features/ds/gyroscope/a.npy")):
        assert "features.json: fps is 25.0, the run was trained on 50.0" in failure(path, run)


def test_other_streams_are_refused(run: TrainedRun) -> None:
    sidecar = read_json("features/ds/features.json")
    shutil.rmtree("features/ds/gyroscope")
    write_json("features/ds/features.json", {**sidecar, "streams": {"accelerometer": 24}})
    assert "streams are {'accelerometer': 24}, the model was trained on" in failure(Path("features/ds"), run)


def test_two_of_one_name_are_refused(run: TrainedRun) -> None:
    with pytest.raises(HcutalError, match=r"raw/a\.npy and features/ds are both called a"):
        gather([Path("raw/a.npy"), Path("features/ds")], run)


def test_streams_that_do_not_fit_are_named(tmp_path: Path) -> None:
    for name, array in {
        "one": np.ones((4, 2)),
        "two": np.ones((5, 2)),
        "bad": np.full((4, 2), np.nan),
    }.items():
        np.save(tmp_path / f"{name}.npy", array.astype(np.float32))
    files = {name: (tmp_path / f"{name}.npy", 2) for name in ("one", "two", "bad")}
    assert read_streams([files["one"], files["one"]]).shape == (4, 4)
    with pytest.raises(HcutalError, match=r"two\.npy: 5 snippets; .*one\.npy has 4"):
        read_streams([files["one"], files["two"]])
    with pytest.raises(HcutalError, match=r"bad\.npy: NaN or infinite"):
        read_streams([files["one"], files["bad"]])
    with pytest.raises(HcutalError, match=r"one\.npy: D is 2; expected 3"):
        read_streams([(tmp_path / "one.npy", 3)])
