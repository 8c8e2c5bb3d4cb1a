"""Poses as tools write them: each form is read as it is meant, and what is chosen of it is what is asked for."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.extract.poses.deeplabcut import read_deeplabcut_h5
from hcutal.extract.poses.linking import Person, linked
from hcutal.extract.poses.pose_extractor import PoseExtractor
from hcutal.extract.poses.pose_files import read_poses
from hcutal.extract.poses.pose_frames import chosen_poses, pose_frames
from hcutal.extract.poses.tracked import TrackedPoses
from hcutal.extract.registry import Recipe
from hcutal.extract.vector_gaps import VectorFrames
from hcutal.params.extractors import PoseFeatures
from tests.extract.made_poses import (
    BODY,
    LIKELY,
    NAMES,
    PARTS,
    PLACES,
    WHO,
    there,
    write_analysis,
    write_csv,
    write_mmpose,
    write_pandas_table,
    write_slp,
)
from tests.params.effects import leaves

RAW: dict[str, Any] = {"centre": "none", "scale": "none"}


def read(path: Path, **values: Any) -> VectorFrames:
    params = PoseFeatures(**values)
    return pose_frames(path, chosen_poses(path, read_poses(path), params), params)


def refusal(path: Path, **values: Any) -> str:
    with pytest.raises(HcutalError) as error:
        read(path, **values)
    return str(error.value)


def same(found: TrackedPoses, places: np.ndarray = PLACES, likely: np.ndarray | None = LIKELY) -> None:
    np.testing.assert_allclose(found.places, places, rtol=1e-6)
    if likely is not None:
        there = np.isfinite(places).all(axis=3)
        np.testing.assert_allclose(found.likelihood[there], likely[there], rtol=1e-6)


def test_deeplabcuts_table_of_text(tmp_path: Path) -> None:
    found = read_poses(write_csv(tmp_path / "r.csv"))
    assert (found.form, found.individuals, found.parts) == ("DeepLabCut's table", WHO, PARTS)
    same(found)
    (tmp_path / "r.csv").write_text("a,b\n1,2\n")
    assert "a header, separator comma; expected DeepLabCut's scorer" in refusal(tmp_path / "r.csv")
    (tmp_path / "r.csv").write_text("scorer,d,d\nbodyparts,a,a\ncoords,x,y\nimg1.png,1,2\nimg2.png,1,2\n")
    assert "column frame holds 'img1.png' (line 4)" in refusal(tmp_path / "r.csv")


@pytest.mark.parametrize("form", ["table", "fixed"])
def test_deeplabcuts_hdf5_is_read_as_pandas_wrote_it(tmp_path: Path, form: str) -> None:
    pytest.importorskip("tables")
    levels = [["d"], WHO, PARTS, ["x", "y", "likelihood"]]
    columns = pd.MultiIndex.from_product(levels, names=["scorer", "individuals", "bodyparts", "coords"])
    rows = np.concatenate([PLACES, LIKELY[..., None]], axis=3).reshape(len(PLACES), -1)
    path = tmp_path / "r.h5"
    pd.DataFrame(rows, columns=columns).to_hdf(path, key="df_with_missing", format=form, mode="w")
    found = read_poses(path)
    assert (found.individuals, found.parts) == (WHO, PARTS)
    same(found)


def test_pandas_form_without_pickles(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "r.h5", "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"], group.attrs["block0_items_nlevels"] = np.bytes_(b"frame"), 3
        for number, names in enumerate((["d"], ["nose"], ["x", "y"])):
            group[f"block0_items_level{number}"] = np.array(names, "S")
            group[f"block0_items_label{number}"] = np.array([0, len(names) - 1], dtype="i1")
        group["block0_values"], group["axis1"] = np.array([[1.0, 2], [3, 4]]), np.arange(2)
    found = read_poses(tmp_path / "r.h5")
    assert found.parts == ["nose"] and found.places[:, 0, 0].tolist() == [[1, 2], [3, 4]]


def test_names_of_columns_are_unpickled_as_plain_values_alone(tmp_path: Path) -> None:
    path = write_pandas_table(tmp_path / "r.h5", NAMES)
    found = read_poses(path)
    assert (found.individuals, found.parts) == ([""], ["nose"])
    # One part alone has no centre.
    assert read(path).frames.tolist() == read(path, **RAW).frames.tolist()
    assert found.places[:, 0, 0].tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert read(path, **RAW).frames.tolist() == [[1, 2], [3, 4], [5, 6], [5, 6]]
    # What would run code is refused.
    path = write_pandas_table(tmp_path / "bad.h5", b"cos\nsystem\n(S'true'\ntR.")
    with h5py.File(path) as file, pytest.raises(HcutalError, match=r"os\.system is refused"):
        read_deeplabcut_h5(path, file)


@pytest.mark.parametrize("order", ["track xy node frame", "frame track node xy"])
def test_sleaps_analysis_file_in_any_order_of_axes(tmp_path: Path, order: str) -> None:
    found = read_poses(write_analysis(tmp_path / "r.h5", order))
    assert (found.individuals, found.parts) == (WHO, PARTS)
    same(found)
    same(read_poses(write_analysis(tmp_path / "r.h5", says=False)))


def sleap_labels(sio: Any, tracked: bool) -> Any:
    skeleton, tracks = sio.Skeleton(list(PARTS)), [sio.Track(name) for name in WHO]
    film = sio.Video.from_filename("film.mp4")
    frames = [
        sio.LabeledFrame(
            video=film,
            frame_idx=at,
            instances=[
                sio.PredictedInstance.from_numpy(
                    PLACES[at, who],
                    skeleton=skeleton,
                    point_scores=LIKELY[at, who],
                    score=0.9,
                    track=tracks[who] if tracked else None,
                )
                for who in range(2)
                if np.isfinite(PLACES[at, who]).any()
            ],
        )
        for at in range(len(PLACES))
    ]
    # What a person corrected stands for the prediction.
    first = frames[0].instances[0]
    mended = sio.Instance.from_numpy(PLACES[0, 0] + 1, skeleton=skeleton, track=first.track)
    mended.from_predicted = first
    frames[0].instances.append(mended)
    return sio.Labels(frames, tracks=tracks if tracked else [], skeletons=[skeleton], videos=[film])


def test_sleaps_own_library_wrote_these(tmp_path: Path) -> None:
    sio = pytest.importorskip("sleap_io")
    mended = PLACES.copy()
    mended[0, 0] += 1
    labels = sleap_labels(sio, tracked=True)
    labels.save(str(tmp_path / "r.slp"))
    found = read_poses(tmp_path / "r.slp")
    assert (found.form, found.individuals, found.parts) == ("SLEAP's project", WHO, PARTS)
    likely = LIKELY.copy()
    likely[0, 0] = np.nan
    same(found, mended, likely)
    sio.save_analysis_h5(labels, str(tmp_path / "r.h5"))
    same(read_poses(tmp_path / "r.h5"), mended, likely)
    sleap_labels(sio, tracked=False).save(str(tmp_path / "untracked.slp"))
    found = read_poses(tmp_path / "untracked.slp")
    assert "linked from frame to frame" in found.form
    same(found, mended, likely)


def test_a_project_of_sleap_by_its_tables(tmp_path: Path) -> None:
    found = read_poses(write_slp(tmp_path / "r.slp"))
    assert (found.individuals, found.parts, found.places.shape) == (["ann"], ["nose", "tail"], (4, 1, 2, 2))
    np.testing.assert_array_equal(found.places[[0, 3], 0], [[[1, 2], [3, 4]], [[5, 6], [np.nan, np.nan]]])
    assert np.isnan(found.places[1:3]).all()
    assert "SLEAP's format 3; expected one before 3" in refusal(write_slp(tmp_path / "r.slp", 3.0))
    assert "poses of 2 films and 1 skeletons" in refusal(write_slp(tmp_path / "r.slp", films=2))


def openpose(people: Sequence[np.ndarray]) -> str:
    rows = [
        np.nan_to_num(np.column_stack([one, np.isfinite(one).all(axis=1) * 0.9])).ravel().tolist()
        for one in people
    ]
    return json.dumps(
        {"version": 1.3, "people": [{"person_id": [-1], "pose_keypoints_2d": row} for row in rows]}
    )


def test_openposes_folder_is_a_recording_and_people_are_linked(tmp_path: Path) -> None:
    folder = tmp_path / "mine/walk"
    folder.mkdir(parents=True)
    for at in range(40):
        (folder / f"walk_{at:012d}_keypoints.json").write_text(openpose(there(at)))
    found = Recipe("poses", {}).look_into(tmp_path / "mine").files
    assert found == {"walk": folder}
    poses = read_poses(folder)
    assert (poses.form, poses.parts) == (
        "OpenPose's folder, people linked from frame to frame",
        ["0", "1", "2"],
    )
    same(poses, PLACES[:, ::-1], None)
    assert read(folder).frames.shape == (40, 7)
    (folder / "walk_000000000000_keypoints.json").write_text("{}")
    assert "walk_000000000000_keypoints.json: no list of people" in refusal(folder)


def test_mmposes_json_with_and_without_tracks(tmp_path: Path) -> None:
    path = write_mmpose(tmp_path / "r.json")
    frames = json.loads(path.read_text())
    same(read_poses(path), PLACES[:, ::-1], None)
    names = {"keypoint_id2name": dict(enumerate(PARTS))}
    for at, frame in enumerate(frames):
        for one, places in zip(frame["instances"], there(at), strict=True):
            one["track_id"] = 7 if places is PLACES[at, 1] or places[0, 0] == PLACES[at, 1, 0, 0] else 3
    path.write_text(json.dumps({"meta_info": names, "instance_info": frames}))
    found = read_poses(path)
    assert (found.form, found.individuals, found.parts) == ("MMPose's JSON", ["3", "7"], PARTS)
    same(found, PLACES, None)
    # A frame that is left out holds nobody.
    path.write_text(json.dumps(frames[:5] + frames[6:]))
    assert np.isnan(read_poses(path).places[5]).all()
    path.write_text(json.dumps([frames[0], {**frames[1], "frame_id": 10**9}]))
    assert "a frame of number 999999999; expected 0 to 4999999" in refusal(path)
    path.write_text(json.dumps([frames[1], frames[0]]))
    assert "frame_id does not rise" in refusal(path)


@pytest.mark.parametrize("form", ["landmarks of one", "tasks", "landmark"])
def test_landmarks_of_mediapipe(tmp_path: Path, form: str) -> None:
    points = [
        [{"x": x, "y": y, "z": 0.0, "visibility": 0.9} for x, y in PLACES[at, 1].tolist()] for at in range(40)
    ]
    frames: list[Any] = [None, *points[1:]]
    if form == "tasks":
        frames = [{"pose_landmarks": [] if one is None else [one]} for one in frames]
    if form == "landmark":
        frames = [{"pose_landmarks": None if one is None else {"landmark": one}} for one in frames]
    (tmp_path / "r.json").write_text(json.dumps(frames))
    found = read_poses(tmp_path / "r.json")
    assert found.form.startswith("MediaPipe's landmarks") and found.places.shape == (40, 1, 3, 3)
    assert np.isnan(found.places[0]).all()
    np.testing.assert_array_equal(found.places[1:, 0, :, :2], PLACES[1:, 1])


@pytest.mark.parametrize(
    "content", ['{"database": {}}', "[1, 2]", '[{"a": 1}]', "7", "[]", '[[{"x": "a", "y": 1}]]']
)
def test_other_json_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "r.json").write_text(content)
    assert str(tmp_path / "r.json") in refusal(tmp_path / "r.json")


def test_other_hdf5_is_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "r.h5", "w") as file:
        file["rgb"] = np.zeros((3, 4))
    assert "holds rgb; expected DeepLabCut's table, or SLEAP's" in refusal(tmp_path / "r.h5")
    (tmp_path / "r.slp").write_text("nonsense")
    assert "r.slp: not an HDF5 file of poses" in refusal(tmp_path / "r.slp")


def test_who_is_hidden_for_long_or_far_away_is_somebody_new() -> None:
    near = [[Person(BODY + 5.0 * at, np.ones(3))] for at in range(3)]
    assert len(linked(Path("r"), "", [*near, [], *near], PARTS).individuals) == 1
    assert len(linked(Path("r"), "", [*near, *[[]] * 40, *near], PARTS).individuals) == 2
    far = [[Person(BODY + 100.0, np.ones(3))]]
    assert len(linked(Path("r"), "", near + far, PARTS).individuals) == 2
    with pytest.raises(HcutalError, match="nobody in 2 frames"):
        linked(Path("r"), "", [[], []], PARTS)


def test_one_all_or_a_named_individual(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv")
    # Of bob more is seen.
    np.testing.assert_allclose(read(path, **RAW).frames, PLACES[:, 1].reshape(40, -1))
    assert "of 2 individuals the one of whom most is seen" in read(path).said
    ann = read(path, individual="ann", **RAW)
    np.testing.assert_allclose(ann.frames[:10], PLACES[:10, 0].reshape(10, -1))
    assert "individual ann of 2" in ann.said and ann.note == ""
    both = read(path, individual="all", **RAW)
    np.testing.assert_allclose(both.frames[20:], PLACES[20:].reshape(20, -1))
    assert "2 individuals side by side; 6 parts (ann/nose, " in both.said
    assert "nobody is called eve (individual); there are ann, bob" in refusal(path, individual="eve")


def test_places_are_relative_to_the_body_and_in_its_size(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv")
    moved = write_csv(tmp_path / "m.csv", 3 * PLACES + 70)
    found, other = read(path).frames, read(moved).frames
    np.testing.assert_allclose(found, other, atol=1e-9)
    bob = PLACES[:, 1]
    apart = bob - bob.mean(axis=1, keepdims=True)
    size = np.median(np.sqrt((apart**2).sum(axis=2).mean(axis=1)))
    np.testing.assert_allclose(found[:, :6], (apart / size).reshape(40, -1))
    steps = np.linalg.norm(np.diff(bob.mean(axis=1), axis=0), axis=1)
    np.testing.assert_allclose(found[:, 6], np.append(0, steps * 25 / size))
    nose = read(path, centre="nose", scale=["nose", "tail"]).frames
    assert np.allclose(nose[:, :2], 0)
    np.testing.assert_allclose(np.median(np.linalg.norm(nose[:, 4:6], axis=1)), 1)
    assert "no part ears (centre, scale); there are nose, ear, tail" in refusal(path, centre="ears")
    assert "the length of the body is 0" in refusal(path, scale=["nose", "nose"])


def test_unlikely_places_are_missing_and_filled(tmp_path: Path) -> None:
    likely = LIKELY.copy()
    likely[5, 1, 0] = 0.5
    path = write_csv(tmp_path / "r.csv", likely=likely)
    found = read(path, **RAW).frames
    np.testing.assert_allclose(found[5, :2], PLACES[[4, 6], 1, 0].mean(axis=0))
    np.testing.assert_allclose(read(path, likelihood=0.4, **RAW).frames[5, :2], PLACES[5, 1, 0])
    assert "no part is seen with a likelihood of 1 or more" in refusal(path, likelihood=1.0)


def test_a_part_that_most_recordings_lack_is_left_out_and_one_that_they_have_is_needed(
    tmp_path: Path,
) -> None:
    unseen = LIKELY.copy()
    unseen[:, :, 2] = 0.1
    paths = [write_csv(tmp_path / f"mine/{name}.csv", likely=unseen) for name in "abc"]
    whole = write_csv(tmp_path / "mine/d.csv")
    extractor = Recipe("poses", {}).settled([*paths, whole]).make()
    assert extractor.read_as(paths[0])[1] == "left out: tail, never seen"
    assert extractor.read_as(whole)[1] == "left out: tail, never seen in most recordings"
    assert extractor.extract(whole)["posture"].shape == (2, 5)
    write_csv(paths[1]), write_csv(paths[2])
    result = CliRunner().invoke(
        main,
        [
            "extract",
            str(tmp_path / "mine"),
            "--extractor",
            "poses",
            "--workers",
            "1",
            "--out",
            str(tmp_path / "out"),
        ],
    )
    assert result.exit_code == 1 and "3 extracted" in result.output
    failed = json.loads((tmp_path / "out/features.json").read_text())["failed"]
    assert list(failed) == ["a"]
    assert (
        "tail never seen, which most recordings have; -o 'ignore=[tail]' leaves it out of all" in failed["a"]
    )


def test_parts_are_chosen_by_name_or_pattern(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv")
    assert read(path, parts=["nose", "t*"], **RAW).frames.shape == (40, 4)
    assert read(path, ignore=["t*"], individual="all", **RAW).frames.shape == (40, 8)
    assert "no part paw (parts) is seen; there are nose, ear, tail" in refusal(path, parts=["paw"])
    assert "no part is left" in refusal(path, ignore=["*"])


def test_each_parameter_changes_the_features(tmp_path: Path) -> None:
    likely = LIKELY.copy()
    likely[5, 1, 0] = 0.5
    path = write_csv(tmp_path / "r.csv", likely=likely)
    long = {"fps": 10.0, "snippet_frames": 8, "stride": 4, "window_frames": 10, "likelihood": 0.2}
    others = {
        "parts": ["nose", "ear"],
        "ignore": ["ear"],
        "centre": "nose",
        "scale": "none",
        "individual": "ann",
    }
    # Gaps of values are filled, and counted, whatever their length.
    assert {*long, *others, "matched", "longest_gap"} == set(leaves(PoseFeatures))
    plain = PoseExtractor(PoseFeatures()).extract(path)
    for name, value in (long | others).items():
        found = PoseExtractor(PoseFeatures(**{name: value})).extract(path)
        assert any(not np.array_equal(found[stream], plain[stream]) for stream in plain), name
    note = read(path, individual="ann", longest_gap=0.1).note
    assert note == "filled: 1 gap longer than 0.1 s without any value (0.44 s)"


def test_a_recording_of_each_individual_is_written_and_read(tmp_path: Path) -> None:
    path = write_analysis(tmp_path / "cage.h5")
    arguments = ["split-poses", str(path), "--out", str(tmp_path / "each")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "cage_ann.csv: 40 frames, 90 places of 3 parts" in result.output
    for number, name in enumerate(WHO):
        found = read_poses(tmp_path / f"each/cage_{name}.csv")
        same(found, PLACES[:, [number]], LIKELY[:, [number]])
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1 and "cage_ann.csv: exists already" in result.output


def test_new_says_how_poses_are_read(tmp_path: Path) -> None:
    for number in range(4):
        write_csv(tmp_path / f"mine/r{number}.csv")
    options = ["--videos", str(tmp_path / "mine"), "--extractor", "poses", "-o", "fps=4"]
    result = CliRunner().invoke(main, ["new", str(tmp_path / "p"), *options])
    assert result.exit_code == 0, result.output
    assert (
        "read as: 4 x DeepLabCut's table, of 2 individuals the one of whom most is seen; 4 frames"
        in result.output
    )
