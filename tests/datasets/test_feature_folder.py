"""Layouts of the field, and the seconds of their snippets."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

from hcutal.data.feature_array import conversion
from hcutal.data.problems import Findings
from hcutal.data.store import FeatureStore
from hcutal.data.times import SnippetTimes
from hcutal.datasets.feature_files import find_features
from hcutal.datasets.feature_folder import FeatureFolder, check_folder
from hcutal.datasets.imported import features, prepare
from hcutal.datasets.time_check import check_times
from hcutal.errors import HcutalError
from hcutal.params.imported import ImportedFeatures, ImportedPrepare, StreamPart

RNG = np.random.default_rng(0)
VIDEOS = ("v1", "v2", "v3")
RGB = {video: RNG.normal(size=(10 + number, 4)).astype(np.float32) for number, video in enumerate(VIDEOS)}
FLOW = {video: RNG.normal(size=(10 + number, 3)).astype(np.float32) for number, video in enumerate(VIDEOS)}


def annotated(folder: Path, end: float = 2.5, durations: Mapping[str, float] | None = None) -> Path:
    """Annotations whose subsets are the split: there are no lists."""
    database = {
        video: {
            "subset": "test" if video == "v3" else "train",
            "annotations": [{"segment": [1.0, end], "label": "Dive"}],
            **({"duration": durations[video]} if durations else {}),
        }
        for video in VIDEOS
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gt.json").write_text(json.dumps({"database": database}))
    return folder


def flat_streams(folder: Path) -> None:
    for stream, arrays in (("rgb", RGB), ("flow", FLOW)):
        (folder / "features" / stream).mkdir(parents=True)
        for video, array in arrays.items():
            np.save(folder / "features" / stream / f"{video}.npy", array)


def beside_each_other(folder: Path) -> None:
    for video in VIDEOS:
        np.save(folder / f"{video}.npy", np.concatenate([RGB[video], FLOW[video]], axis=1))


def archive_a_recording(folder: Path) -> None:
    for video in VIDEOS:
        np.savez(folder / f"{video}.npz", rgb=RGB[video], flow=FLOW[video])


def archive_a_stream(folder: Path) -> None:
    np.savez(folder / "rgb.npz", **RGB)
    np.savez(folder / "flow.npz", **{f"{video}": array for video, array in FLOW.items()})


def matlab_a_recording(folder: Path) -> None:
    for video in VIDEOS:
        savemat(folder / f"{video}.mat", {"rgb": RGB[video], "flow": FLOW[video]})


def matlab_a_stream(folder: Path) -> None:
    savemat(folder / "rgb.mat", RGB)
    savemat(folder / "flow.mat", FLOW)


def tables(folder: Path) -> None:
    """As ActivityNet's TSN features: a line of names, then a line a snippet."""
    for video in VIDEOS:
        values = np.concatenate([RGB[video], FLOW[video]], axis=1)
        names = ",".join(f"f{number}" for number in range(7))
        np.savetxt(folder / f"{video}.csv", values, fmt="%.9g", delimiter=",", header=names, comments="")
    # A table that is called otherwise is none of them.
    (folder / "rates.csv").write_text("video,fps\nv1,25\n")


def hdf5_a_stream(folder: Path) -> None:
    h5py = pytest.importorskip("h5py")
    for stream, arrays in (("rgb", RGB), ("flow", FLOW)):
        with h5py.File(folder / f"{stream}.h5", "w") as file:
            for video, array in arrays.items():
                file[video] = array


def hdf5_groups(folder: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(folder / "all.hdf5", "w") as file:
        for video in VIDEOS:
            file[f"{video}/rgb"], file[f"{video}/flow"] = RGB[video], FLOW[video]


def hdf5_one_in_each_group(folder: Path) -> None:
    """As ActivityNet's C3D features."""
    h5py = pytest.importorskip("h5py")
    for stream, arrays in (("rgb", RGB), ("flow", FLOW)):
        with h5py.File(folder / f"{stream}.hdf5", "w") as file:
            for video, array in arrays.items():
                file[f"{video}/c3d_features"] = array


def matlab_73(folder: Path) -> None:
    """HDF5 behind a block of MATLAB's own, arrays the other way round."""
    h5py = pytest.importorskip("h5py")
    for video in VIDEOS:
        with h5py.File(folder / f"{video}.mat", "w", userblock_size=512) as file:
            file["rgb"], file["flow"] = RGB[video].T, FLOW[video].T


def transposed(folder: Path) -> None:
    for video in VIDEOS:
        np.save(folder / f"{video}.npy", np.concatenate([RGB[video], FLOW[video]], axis=1).T.astype(">f8"))


PARTS = {"rgb": 4, "flow": 3}
STREAM_PARTS = [StreamPart(stream=stream, size=size) for stream, size in PARTS.items()]
LAYOUTS = {
    flat_streams: {},
    beside_each_other: {"parts": STREAM_PARTS},
    archive_a_recording: {},
    archive_a_stream: {},
    matlab_a_recording: {},
    matlab_a_stream: {},
    tables: {"parts": STREAM_PARTS},
    hdf5_a_stream: {},
    hdf5_groups: {},
    hdf5_one_in_each_group: {},
    matlab_73: {},
    transposed: {"parts": STREAM_PARTS, "axes": "DT"},
}


def stored(folder: Path, target: Path, **params: Any) -> FeatureStore:
    prepare(target / "data", ImportedPrepare(**params), folder)
    features(target / "data/recordings", target / "store", ImportedFeatures())
    return FeatureStore(target / "store")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_layouts_give_the_same_store(tmp_path: Path, layout: Any) -> None:
    folder = annotated(tmp_path / "mine")
    layout(folder)
    store = stored(folder, tmp_path, **LAYOUTS[layout])
    assert store.meta.streams == PARTS
    for video in VIDEOS:
        arrays = dict(zip(store.meta.streams, store.parts(video), strict=True))
        np.testing.assert_array_equal(arrays["rgb"], RGB[video])
        np.testing.assert_array_equal(arrays["flow"], FLOW[video])
    subsets = pd.read_csv(tmp_path / "data/videos.csv").set_index("video")["subset"].to_dict()
    assert subsets == {"v1": "train", "v2": "train", "v3": "test"}


def test_streams_that_differ_by_a_snippet_are_cut_where_one_says_so(tmp_path: Path) -> None:
    folder = annotated(tmp_path / "mine")
    flat_streams(folder)
    np.save(folder / "features/flow/v2.npy", FLOW["v2"][:-2])
    (error,) = check_folder(folder, ImportedPrepare(trim=1)).findings.errors
    assert error.kind == "streams-differ" and "--trim 2" in error.remedy
    found = check_folder(folder, ImportedPrepare(trim=2))
    assert found.findings.errors == [] and found.lengths == {"v1": 10, "v2": 9, "v3": 12}
    (note,) = [problem for problem in found.findings.problems if problem.kind == "trimmed"]
    assert note.message.startswith("1 arrays are not as long as another stream")
    store = stored(folder, tmp_path, trim=2)
    assert (store.length("v1"), store.length("v2")) == (10, 9)
    np.testing.assert_array_equal(store.parts("v2")[list(store.meta.streams).index("rgb")], RGB["v2"][:9])


def test_actionformers_release_stands_where_its_windows_are(tmp_path: Path) -> None:
    folder = annotated(tmp_path / "mine", end=1.5)
    flat_streams(folder)
    store = stored(folder, tmp_path, fps=30.0, snippet_frames=16, stride=4)
    # A window of 16 frames that begins 4 frames after the one before: its middle is at frame 8, 12, 16.
    np.testing.assert_allclose(30 * store.meta.times_of("v1").middles(np.arange(3)), [8, 12, 16])


def test_rescaled_features_span_the_durations(tmp_path: Path) -> None:
    durations = {"v1": 100.0, "v2": 33.0, "v3": 7.5}
    folder = annotated(tmp_path / "mine", end=7.0, durations=durations)
    flat_streams(folder)
    store = stored(folder, tmp_path, rescaled=True)
    for video, seconds in durations.items():
        times = store.meta.times_of(video)
        assert times.end(store.length(video)) == pytest.approx(seconds)
        assert times.edges(np.array([0, 1]), 1, store.length(video)).tolist() == pytest.approx([0, seconds])
    annotated(folder)
    with pytest.raises(HcutalError, match="3 recordings were rescaled and have no duration: v1, v2, v3"):
        prepare(tmp_path / "other", ImportedPrepare(rescaled=True), folder)


def test_recordings_have_rates_of_their_own(tmp_path: Path) -> None:
    folder = annotated(tmp_path / "mine")
    flat_streams(folder)
    (folder / "rates.csv").write_text("video,fps,stride,offset\nv1,50,8,0\nv2,25,16,1.5\n")
    store = stored(folder, tmp_path, rates="rates.csv")
    assert [store.meta.times_of(video).step for video in VIDEOS] == [0.16, 0.64, 0.64]
    assert store.meta.times_of("v2").middles(np.array([0])).tolist() == [1.5 + 0.32]
    assert list(store.meta.own_times) == ["v1", "v2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video,rate\nv1,25\n", "no column fps"),
        ("video,fps\nv1,0\n", r"rates\.csv: v1: fps 0, .* expected numbers above 0"),
        ("video,fps\nother,25\n", "none of its videos has features; rates: 0 both .* 1 only in the table"),
    ],
)
def test_a_table_of_rates_that_does_not_fit(tmp_path: Path, text: str, message: str) -> None:
    folder = annotated(tmp_path / "mine")
    flat_streams(folder)
    (folder / "rates.csv").write_text(text)
    with pytest.raises(HcutalError, match=message):
        prepare(tmp_path / "data", ImportedPrepare(rates="rates.csv"), folder)


def problems(folder: Path, **params: Any) -> dict[str, str]:
    found: FeatureFolder = check_folder(folder, ImportedPrepare(**params))
    return {problem.kind: f"{problem.text} -> {problem.remedy}" for problem in found.findings.problems}


def test_instances_after_the_last_feature_tell_of_a_wrong_rate(tmp_path: Path) -> None:
    folder = annotated(tmp_path / "mine", end=25.0)
    flat_streams(folder)
    assert "instances end at 3.91 times the end of the features in 3 of 3" in problems(folder)["rate"]
    assert "rate" not in problems(folder, snippet_frames=64)


def test_durations_tell_which_rate_fits(tmp_path: Path) -> None:
    seconds = {video: (len(array) - 1) * 4 / 30 + 16 / 30 for video, array in RGB.items()}
    folder = annotated(
        tmp_path / "mine", end=1.6, durations={video: 40 * value for video, value in seconds.items()}
    )
    for video, array in RGB.items():
        np.save(folder / f"{video}.npy", np.tile(array, (40, 1)))
    found = problems(folder, fps=60.0)["duration"]
    assert "(3 videos differ)" in found and "durations fit a snippet every" in found
    many = {f"{video}": len(array) * 40 * 16 / 30 for video, array in RGB.items()}
    annotated(folder, durations=many)
    assert "a snippet every 0.533 s (--fps 30 --stride 16" in problems(folder)["duration"]


def test_a_rate_that_is_wrong_by_little_is_told_by_all_recordings(tmp_path: Path) -> None:
    names = [f"v{number}" for number in range(6)]
    counts = {name: 200 + number for number, name in enumerate(names)}
    times = SnippetTimes(24.0, 16, 16)

    def ratio(durations: Mapping[str, float]) -> list[str]:
        found = Findings()
        check_times(found, counts, dict.fromkeys(names, times), durations, {}, tolerance=0.1)
        return [f"{problem.kind}: {problem.text} {problem.remedy}" for problem in found.problems]

    exact = {name: times.end(count) for name, count in counts.items()}
    assert ratio(exact) == []
    assert ratio({name: seconds + 1 for name, seconds in exact.items()}) == []
    (said,) = ratio({name: seconds * 24 / 25 for name, seconds in exact.items()})
    assert said.startswith("rate-doubtful: features last 1.04 times as long as their recordings in 6 of them")
    assert "a snippet every 0.64 s (--fps 25 --stride 16" in said


def test_rates_that_lie_beside_the_arrays_and_are_not_used_are_said(tmp_path: Path) -> None:
    folder = annotated(tmp_path / "mine")
    flat_streams(folder)
    (folder / "fps_dict.json").write_text(json.dumps(dict.fromkeys(VIDEOS, 25)))
    assert "rates-unused" in problems(folder)
    assert "rates-unused" not in problems(folder, rates="fps_dict.json")


def test_one_array_of_objects_for_all_recordings_is_said_once(tmp_path: Path) -> None:
    folder = annotated(tmp_path / "mine")
    np.save(folder / "rgb.npy", np.array([*RGB.values(), None], dtype=object)[:-1], allow_pickle=True)
    assert list(problems(folder)) == ["joint", "no-durations"]


def test_nothing_annotated_in_the_later_half_of_all_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    names = [f"v{number}" for number in range(6)]
    database = {
        name: {
            "subset": "train" if name != "v5" else "test",
            "annotations": [{"segment": [1, 4], "label": "x"}],
        }
        for name in names
    }
    (folder / "gt.json").write_text(json.dumps({"database": database}))
    for name in names:
        np.save(folder / f"{name}.npy", RNG.normal(size=(40, 3)).astype(np.float32))
    assert "nothing is annotated beyond 16% of the features in any of 6" in problems(folder)["rate-too-low"]
    assert "rate-too-low" not in problems(folder, stride=4)


def test_all_arrays_the_other_way_round_are_one_problem(tmp_path: Path) -> None:
    folder = annotated(tmp_path / "mine")
    transposed(folder)
    assert list(problems(folder)) == ["no-durations", "transposed"]
    assert "--axes DT" in problems(folder)["transposed"]


def test_names_that_differ_in_their_spelling_come_with_the_other_one(tmp_path: Path) -> None:
    folder = annotated(tmp_path / "mine")
    for video in VIDEOS:
        np.save(folder / f"v_{video.upper()}.npy", RGB[video])
    assert "v1 is called 'v_V1' elsewhere" in problems(folder)["missing"]
    for path in list(folder.glob("*.npy")):
        path.rename(path.with_name(f"{path.stem.removeprefix('v_').lower()}\u0301.npy"))
    assert "3 files are missing" in problems(folder)["missing"]


def test_decomposed_names_of_files_meet_composed_ones(tmp_path: Path) -> None:
    np.save(tmp_path / "e\u0301.npy", RGB["v1"])
    assert [file.video for file in find_features(tmp_path).files] == ["\u00e9"]


def test_a_folder_without_annotations_says_what_is_not_checked(tmp_path: Path) -> None:
    beside_each_other(tmp_path)
    found = check_folder(tmp_path, ImportedPrepare(), complete=False).findings
    assert [(problem.gravity, problem.kind) for problem in found.problems] == [("warning", "no-annotations")]
    assert found.summary["D"] == {"features": 7}
    (tmp_path / "thumos14.json").write_text("{}")
    found = check_folder(tmp_path, ImportedPrepare()).findings
    assert (
        found.errors[0].remedy
        == "rename thumos14.json to gt.json, or --annotations thumos14.json; hcutal import needs them"
    )


def test_the_command_that_is_printed_for_a_pickle_makes_arrays(tmp_path: Path) -> None:
    path = tmp_path / "rgb.pkl"
    command = "import pickle, numpy, sys; pickle.dump({'v1': numpy.zeros((2, 3))}, open(sys.argv[1], 'wb'))"
    subprocess.run([sys.executable, "-c", command, str(path)], check=True)
    printed = str(conversion(path)).replace("python", sys.executable, 1)
    subprocess.run(printed, shell=True, check=True)
    assert [(file.video, file.stream) for file in find_features(tmp_path, ["v1"]).files] == [("v1", "rgb")]
