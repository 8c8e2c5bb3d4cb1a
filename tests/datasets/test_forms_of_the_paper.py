"""Annotations and lists as THUMOS'14 and ActivityNet are handed round, read beside features that are made here."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from pandas.testing import assert_frame_equal

from hcutal.cli import main
from hcutal.commands.feature_options import named_from
from hcutal.data import thumos14
from hcutal.data.annotation_check import check_annotations
from hcutal.data.ground_truth import parse_ground_truth
from hcutal.data.problems import Problem
from hcutal.datasets.feature_folder import FeatureFolder, check_folder
from hcutal.doctor.examine import Options, kind_of
from hcutal.errors import HcutalError
from hcutal.params.document import load
from hcutal.params.imported import ImportedPrepare
from hcutal.pipeline.new_project import new_features_project
from hcutal.pipeline.sources import source_digests
from tests.doctor.thumos_like import ThumosLike, of_test, of_train

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
SECONDS = 16 / 25


def check(folder: Path, **params: Any) -> FeatureFolder:
    return check_folder(folder, ImportedPrepare(**params))


def named(folder: FeatureFolder, kind: str) -> Problem:
    (problem,) = [problem for problem in folder.findings.problems if problem.kind == kind]
    return problem


def roles(folder: FeatureFolder) -> dict[str, str]:
    assert folder.annotations is not None
    videos = folder.annotations.videos
    return dict(zip(videos["video"], videos["subset"], strict=True))


def write_features(folder: Path, videos: "dict[str, int] | list[str]") -> None:
    """An array of two streams side by side for each video, of so many snippets."""
    lengths = videos if isinstance(videos, dict) else dict.fromkeys(videos, 20)
    rng = np.random.default_rng(0)
    (folder / "features").mkdir(parents=True, exist_ok=True)
    for video, length in lengths.items():
        np.save(folder / "features" / f"{video}.npy", rng.normal(size=(length, 4)).astype(np.float32))


def video(subset: str, *records: Any, duration: float = 12.8) -> dict[str, Any]:
    return {"subset": subset, "duration": duration, "annotations": list(records)}


def record(start: float, end: float, label: str = "Dive") -> dict[str, Any]:
    return {"segment": [start, end], "label": label}


@pytest.fixture
def activitynet(tmp_path: Path) -> Path:
    """The official file: names without "v_", an empty taxonomy, test videos without instances; no lists."""
    database: dict[str, Any] = {
        "aaaaaaaaaa1": video("training", record(1, 3), record(4, 6, "Jump")),
        "aaaaaaaaaa2": video("training", record(2, 12.8)),
        "aaaaaaaaaa3": video("validation", record(1, 9, "Jump")),
        "aaaaaaaaaa4": video("validation", record(1, 9)),
        "aaaaaaaaaa5": {"subset": "testing", "duration": 9.0, "annotations": []},
    }
    content = {"version": "VERSION 1.3", "taxonomy": [], "database": database}
    (tmp_path / "activity_net.v1-3.min.json").write_text(json.dumps(content))
    write_features(tmp_path, [f"v_{name}" for name in database][:4])
    return tmp_path


def test_the_official_file_is_read_as_it_is(activitynet: Path) -> None:
    found = check(activitynet, ground_truth="activity_net.v1-3.min.json")
    assert found.findings.errors == []
    assert roles(found) == {
        "v_aaaaaaaaaa1": "train",
        "v_aaaaaaaaaa2": "train",
        "v_aaaaaaaaaa3": "test",
        "v_aaaaaaaaaa4": "test",
    }
    assert found.findings.summary["instances"] == 5
    assert named(found, "held-back").places == ("v_aaaaaaaaaa5",)
    assert len(named(found, "prefix").places) == 4


def test_blocked_videos_are_left_out_and_counted(activitynet: Path) -> None:
    truth = {"ground_truth": "activity_net.v1-3.min.json"}
    (activitynet / "blocked.txt").write_text("aaaaaaaaaa2\naaaaaaaaaa9\n")
    (activitynet / "blocked.json").write_text(json.dumps(["v_aaaaaaaaaa2", "v_aaaaaaaaaa9"]))
    for name in ("blocked.txt", "blocked.json"):
        found = check(activitynet, blocked=name, **truth)
        assert list(roles(found)) == ["v_aaaaaaaaaa1", "v_aaaaaaaaaa3", "v_aaaaaaaaaa4"]
        assert named(found, "blocked").text == f"1 recordings are left out, as {name} says: v_aaaaaaaaaa2"
    (activitynet / "blocked.txt").write_text("nobody\n")
    assert (
        "none of its 1 names" in named(check(activitynet, blocked="blocked.txt", **truth), "blocked").message
    )
    (activitynet / "blocked.json").write_text("3")
    assert named(check(activitynet, blocked="blocked.json", **truth), "blocked").gravity == "error"


def test_vanished_videos_are_refused_or_left_out_as_one_says(activitynet: Path) -> None:
    (activitynet / "features/v_aaaaaaaaaa4.npy").unlink()
    truth = {"ground_truth": "activity_net.v1-3.min.json"}
    assert "1 files are missing: v_aaaaaaaaaa4.npy" in check(activitynet, **truth).findings.errors[0].text
    found = check(activitynet, missing="leave_out", **truth)
    assert found.findings.errors == []
    assert named(found, "left-out").text == (
        "1 of 4 recordings have no features and are left out: v_aaaaaaaaaa4"
    )
    assert len(roles(found)) == 3


def test_bmns_form_has_its_subsets_in_a_table(tmp_path: Path) -> None:
    names = ["v_a1", "v_a2", "v_b1"]
    bmn = {name: {"duration_second": 12.8, "annotations": [record(1, 3)]} for name in names}
    (tmp_path / "anet_anno_action.json").write_text(json.dumps(bmn))
    table = "video,numFrame,seconds,fps,rfps,subset,featureFrame\n" + "".join(
        f"{name},384,12.8,30.0,30.0,{'validation' if name == 'v_b1' else 'training'},384\n" for name in names
    )
    write_features(tmp_path, names)
    found = check(tmp_path, ground_truth="anet_anno_action.json")
    assert "there is no video_info_new.csv beside it" in found.findings.errors[0].message
    (tmp_path / "subsets.csv").write_text(table)
    found = check(tmp_path, ground_truth="anet_anno_action.json", subsets="subsets.csv", rescaled=True)
    assert found.findings.errors == []
    assert roles(found) == {"v_a1": "train", "v_a2": "train", "v_b1": "test"}


def write_class_files(folder: Path, database: dict[str, Any]) -> None:
    """As THUMOS'14 was published: a folder a subset, a file a class."""
    (folder / "test").mkdir(parents=True)
    (folder / "readme.txt").write_text("[video_name starting_time ending_time]\n")
    (folder / "test/split_test.txt").write_text("video_test_0000001\n")
    for name, entry in database.items():
        mark = "val" if entry["subset"] == "validation" else "test"
        (folder / mark / "annotation").mkdir(parents=True, exist_ok=True)
        for each in entry["annotations"]:
            start, end = each["segment"]
            with (folder / mark / "annotation" / f"{each['label']}_{mark}.txt").open("a") as stream:
                stream.write(f"{name}  {start} {end}\r\n")


def test_thumos14s_own_files_are_annotations(tmp_path: Path) -> None:
    database = {
        of_train(1): video("validation", record(1, 3), record(4, 6, "Jump")),
        of_test(1): video("test", record(1, 3), record(4, 6, "Ambiguous")),
        of_test(2): video("test", record(1, 3.5, "Jump")),
    }
    write_class_files(tmp_path / "published", database)
    write_features(tmp_path / "root", list(database))
    layout = named_from(tmp_path / "root", {"ground_truth": str(tmp_path / "published")})
    found = check(tmp_path / "root", **layout)
    assert found.findings.errors == []
    assert roles(found) == {of_train(1): "train", of_test(1): "test", of_test(2): "test"}
    assert found.findings.summary["instances"] == 4 and found.findings.summary["classes"] == 2
    assert "1 segments are ambiguous" in named(found, "ambiguous").message
    # The same by themselves, and of one subset alone.
    assert kind_of(tmp_path / "published", Options()) == "annotations"
    alone = parse_ground_truth(tmp_path / "published/test")
    assert len(alone.ambiguous) == 1 and set(alone.instances["label"]) == {"Dive", "Jump"}
    before = source_digests(
        {"d": {"source": str(tmp_path / "root"), "features": {}, "prepare": layout}}, tmp_path
    )
    path = tmp_path / "published/test/annotation/Dive_test.txt"
    path.write_text(f"{of_test(1)} 1 2\n")
    after = source_digests(
        {"d": {"source": str(tmp_path / "root"), "features": {}, "prepare": layout}}, tmp_path
    )
    assert before != after


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "video_test_0000001 1.0\n",
            r"Dive_test\.txt: line 1: found 'video_test_0000001 1\.0'; expected a video",
        ),
        ("\nvideo_validation_0000001 1 2\n", r"Dive_test\.txt: line 2: .* is in files of validation as well"),
        ("video_test_0000001 1 soon\n", "soon"),
    ],
)
def test_own_files_of_thumos14_that_cannot_be_read(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "Dive_test.txt").write_text(content)
    (tmp_path / "Aim_val.txt").write_text("video_validation_0000001 1 2\n")
    found = check_annotations(tmp_path)[1]
    assert any(re.search(message, problem.text) for problem in found.errors)


def test_without_files_of_classes_a_folder_is_no_annotations(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"no files of classes; expected BaseballPitch_val\.txt"):
        parse_ground_truth(tmp_path)


@pytest.mark.skipif(not (SHARED / "thumos14").exists(), reason="no annotations of THUMOS'14 here")
def test_the_published_annotations_are_the_same_in_both_forms(tmp_path: Path) -> None:
    truth = parse_ground_truth(SHARED / "thumos14/gt.json")
    database = json.loads((SHARED / "thumos14/gt.json").read_text())["database"]
    write_class_files(tmp_path / "published", database)
    found = parse_ground_truth(tmp_path / "published")
    order = ["video", "start", "end", "label"]
    assert_frame_equal(
        found.instances.sort_values(order, ignore_index=True),
        truth.instances.sort_values(order, ignore_index=True),
    )
    assert len(found.ambiguous) == len(truth.ambiguous) and found.dataset == "thumos14"


@pytest.mark.parametrize("name", thumos14.LISTS)
def test_the_test_videos_are_those_of_the_list(tmp_path: Path, name: str) -> None:
    tests = sorted(thumos14.test_videos("213"))
    database = {of_train(1): video("validation", record(1, 3))}
    database |= {each: video("test", record(1, 3)) for each in tests}
    (tmp_path / "gt.json").write_text(json.dumps({"database": database}))
    write_features(tmp_path, list(database))
    assert sum(role == "test" for role in roles(check(tmp_path)).values()) == 213
    found = check(tmp_path, test_videos=name)
    assert sum(role == "test" for role in roles(found).values()) == int(name)
    if name == "210":
        left_out = named(found, "test-videos").places
        assert left_out == ("video_test_0000270", "video_test_0001292", "video_test_0001496")


def test_a_list_that_the_recordings_are_not_of(tmp_path: Path, activitynet: Path) -> None:
    found = check(activitynet, ground_truth="activity_net.v1-3.min.json", test_videos="210")
    assert "test_videos 210 is a list of THUMOS'14" in found.findings.errors[0].message
    thumos = ThumosLike(tmp_path / "thumos")
    thumos.write()
    found = check(tmp_path / "thumos", test_videos="210")
    absent = [problem for problem in found.findings.problems if problem.gravity == "warning"]
    assert absent[0].message == "206 of the 210 test videos are in no split"


def test_ambiguous_segments_are_no_class_and_counted(tmp_path: Path) -> None:
    thumos = ThumosLike(tmp_path)
    thumos.annotate(of_test(1), 5, 6, "Ambiguous")
    thumos.write()
    found = check(tmp_path)
    assert found.annotations is not None and found.annotations.classes == ["Dive", "Jump"]
    assert named(found, "ambiguous").message.startswith("1 segments are ambiguous")


BAD = {
    "a record without a segment": {"label": "Dive"},
    "a record that is none": 7,
    "an end before its start": record(9, 2),
    "a word for a time": {"segment": ["one", 2], "label": "Dive"},
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_record_stops_nothing_but_in_a_video_that_counts(tmp_path: Path, name: str) -> None:
    thumos = ThumosLike(tmp_path)
    thumos.database[of_train(77)] = video("validation", record(1, 3), BAD[name])
    thumos.write()
    found = check(tmp_path)
    assert found.findings.errors == []
    other = named(found, "other-records")
    assert (other.gravity, len(other.places)) == ("note", 1) and of_train(77) in other.places[0]
    thumos.database[of_train(7)]["annotations"].append(BAD[name])
    thumos.write()
    (error,) = check(tmp_path).findings.errors
    assert f"{of_train(7)}: annotations[2]" in error.places[0]


def test_a_subset_that_cannot_be_read_matters_where_there_are_no_lists(tmp_path: Path) -> None:
    thumos = ThumosLike(tmp_path)
    thumos.database[of_train(7)]["subset"] = "trial"
    thumos.write()
    assert [problem.kind for problem in check(tmp_path).findings.errors] == ["malformed"]
    for subset in ("train", "test"):
        (tmp_path / f"split_{subset}.txt").unlink()
    assert "no-subset" in {problem.kind for problem in check(tmp_path).findings.errors}


def test_files_elsewhere_are_named_by_their_path(
    activitynet: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    truth = (activitynet / "activity_net.v1-3.min.json").rename(elsewhere / "anet.json")
    (activitynet / "blocked.txt").write_text("aaaaaaaaaa2\n")
    new_features_project(elsewhere / "project", activitynet, {"ground_truth": str(truth)}, "activitynet12")
    monkeypatch.chdir(elsewhere / "project")
    arguments = ["--root", str(activitynet), "--annotations", "../anet.json", "--blocked", "blocked.txt"]
    result = CliRunner().invoke(main, ["import", "activitynet13", *arguments])
    assert result.exit_code == 0, result.output
    assert "hcutal run table4 --data activitynet13" in result.output
    document = load()
    assert document.datasets["activitynet13"].prepare == {
        "fps": 25.0,
        "snippet_frames": 16,
        "ground_truth": str(truth.resolve()),
        "blocked": "blocked.txt",
    }
    assert "activitynet13-paper-mapped" in document.experiments
    result = CliRunner().invoke(main, ["import", "thumos14", *arguments[:3], "none.json"])
    assert result.exit_code == 1 and "--annotations: no file none.json, neither in" in result.output


@pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")
def test_the_lists_of_cola_and_the_real_annotations_of_thumos14(tmp_path: Path) -> None:
    source = SHARED / "thumos14"
    database = json.loads((source / "gt.json").read_text())["database"]
    lengths = {
        name: int(max(float(each["segment"][1]) for each in entry["annotations"]) / SECONDS) + 1
        for name, entry in database.items()
    }
    for name in ("split_train.txt", "split_test.txt"):
        (tmp_path / name).symlink_to((source / name).resolve())
    write_features(tmp_path, lengths)
    found = check(tmp_path, ground_truth=str((source / "gt.json").resolve()), test_videos="210")
    assert found.findings.errors == []
    subsets = list(roles(found).values())
    assert (subsets.count("train"), subsets.count("test")) == (200, 210)
    assert (found.findings.summary["instances"], found.findings.summary["classes"]) == (6318, 20)


@pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")
@pytest.mark.parametrize("name", ["activitynet12", "activitynet13"])
def test_the_real_annotations_of_activitynet(tmp_path: Path, name: str) -> None:
    folder = (SHARED / name).resolve()
    (truth,) = folder.glob("*.json")
    database = json.loads(truth.read_text())
    database = database.get("database", database)
    # Every fortieth: the others have vanished.
    videos = list(database)[::40]
    write_features(tmp_path, [f"v_{each.removeprefix('v_')}" for each in videos])
    found = check(tmp_path, ground_truth=str(truth), missing="leave_out", rescaled=True)
    assert found.findings.errors == []
    present = set(roles(found))
    assert 50 < len(present) <= len(videos) and all(each.startswith("v_") for each in present)
    assert {"train", "test"} == set(roles(found).values())
