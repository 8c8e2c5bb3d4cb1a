import json
from pathlib import Path
from typing import Any

import pytest

from hcutal.data.ground_truth import GroundTruth, read_ground_truth
from hcutal.data.selection import select
from hcutal.data.thumos14 import test_videos as videos_of
from hcutal.errors import HcutalError

RECORD = {"segment": [1, 2], "label": "Dive"}


def truth_of(tmp_path: Path, database: dict[str, Any]) -> GroundTruth:
    (tmp_path / "a.json").write_text(json.dumps({"database": database}))
    return read_ground_truth(tmp_path / "a.json")


def entry(subset: str, annotated: bool = True, **more: Any) -> dict[str, Any]:
    return {"subset": subset, "annotations": [RECORD] if annotated else []} | more


@pytest.fixture
def thumos(tmp_path: Path) -> GroundTruth:
    """All test videos but 1292, and one of training."""
    names = sorted(videos_of("212"))
    database = {name: entry("test") for name in names} | {"video_validation_0000051": entry("validation")}
    return truth_of(tmp_path, database)


@pytest.mark.parametrize(
    ("subsets", "asked", "found"),
    [
        ({"a": "train", "b": "test"}, None, ["b"]),
        ({"a": "validation", "b": "test"}, None, ["b"]),
        ({"a": "validation", "b": "test"}, "Validation", ["a"]),
        ({"a": "training", "b": "validation", "c": "test"}, "train", ["a"]),
        ({"a": "both", "b": "train", "c": "test"}, None, ["a", "c"]),
        ({"a": "both", "b": "train"}, None, ["a"]),
        ({"a": "both", "b": "train"}, "train", ["a", "b"]),
    ],
)
def test_subsets(tmp_path: Path, subsets: dict[str, str], asked: str | None, found: list[str]) -> None:
    truth = truth_of(tmp_path, {video: entry(subset) for video, subset in subsets.items()})
    selection = select(truth, asked)
    assert selection.videos["video"].tolist() == found
    assert selection.instances["video"].tolist() == found


def test_validation_where_the_test_videos_are_not_annotated(tmp_path: Path) -> None:
    database = {"a": entry("training"), "b": entry("validation"), "c": entry("testing", annotated=False)}
    selection = select(truth_of(tmp_path, database))
    assert selection.stamp["subset"] == "validation"
    with pytest.raises(
        HcutalError, match="no instance in the subset test; expected one of train, validation"
    ):
        select(truth_of(tmp_path, database), "test")


def test_the_list_of_thumos14_is_told_by_its_videos(thumos: GroundTruth) -> None:
    selection = select(thumos)
    assert selection.stamp["test_videos"] == "212"
    assert selection.stamp["test_videos_asked_for"] is None
    # Nothing may be predicted for a disputed video that is not evaluated.
    assert selection.without == {"video_test_0001292"}
    assert "test_videos" not in select(thumos, "validation").stamp


def test_a_shorter_list_leaves_videos_out(thumos: GroundTruth) -> None:
    selection = select(thumos, test_videos="210")
    assert len(selection.videos) == len(selection.instances) == 210
    assert selection.stamp["test_videos"] == "210"
    assert selection.stamp["videos_left_out"] == ["video_test_0000270", "video_test_0001496"]
    assert selection.without == {"video_test_0000270", "video_test_0001292", "video_test_0001496"}
    assert (selection.left_out, selection.absent) == (2, [])


def test_a_video_of_the_list_that_the_file_lacks_is_said(thumos: GroundTruth) -> None:
    selection = select(thumos, test_videos="213")
    assert selection.absent == selection.stamp["videos_not_in_the_file"] == ["video_test_0001292"]
    assert (selection.stamp["test_videos"], selection.stamp["test_videos_asked_for"]) == ("212", "213")


def test_survivors(tmp_path: Path) -> None:
    database = {f"v_{name}": entry("validation") for name in "abc"} | {"v_d": entry("training")}
    selection = select(truth_of(tmp_path, database), survivors=["a", "c", "d", "x"])
    assert selection.videos["video"].tolist() == ["v_a", "v_c"]
    assert selection.without == {"v_b"}
    assert selection.absent == ["v_x"]
    assert selection.stamp["videos_left_out"] == ["v_b"]


def test_flaws_of_the_evaluated_videos_are_counted(tmp_path: Path) -> None:
    bad = {"segment": [3, 2], "label": "Dive"}
    database = {name: entry("test", duration=9) for name in "ab"} | {"c": entry("train")}
    for name in "abc":
        database[name]["annotations"] = [RECORD, RECORD, bad]
    selection = select(truth_of(tmp_path, database), survivors=["a", "c"])
    assert [flaw.video for flaw in selection.flaws] == ["a", "a"]
    assert selection.stamp["records_doubtful"] == {"duplicate": 1, "no length": 0}
    assert selection.stamp["records_left_out"]["ends before its start"] == 1
    assert len(selection.instances) == 2


def test_nothing_left_is_an_error(tmp_path: Path, thumos: GroundTruth) -> None:
    with pytest.raises(HcutalError, match="no video of the subset test is left to evaluate"):
        select(thumos, survivors=["video_validation_0000051"])
    with pytest.raises(HcutalError, match="--test-videos is for the test videos of THUMOS'14"):
        select(thumos, "validation", "213")
    database = {"a": entry("test"), "b": entry("test", annotated=False), "c": entry("train")}
    truth = truth_of(tmp_path, database)
    with pytest.raises(HcutalError, match="no instance in the 1 videos of the subset test"):
        select(truth, survivors=["b"])
    with pytest.raises(HcutalError, match="this is the subset test of another data set"):
        select(truth, None, "213")
    with pytest.raises(HcutalError, match="no instance in the subset dev; expected one of test, train"):
        select(truth, "dev")
    with pytest.raises(HcutalError, match="no instance in the subsets test and validation"):
        select(truth_of(tmp_path, {"c": entry("train")}))
