import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hcutal.data.annotations import read_annotations
from hcutal.data.ground_truth import read_ground_truth
from hcutal.errors import HcutalError

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
THUMOS = SHARED / "thumos14" / "gt.json"
ACTIVITYNET12 = SHARED / "activitynet12" / "activity_net.v1-2.min-missing-removed.json"
ACTIVITYNET13 = SHARED / "activitynet13" / "anet_anno_action.json"
HERE = pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def entry(*records: tuple, subset: str = "test", duration: float = 10.0) -> dict:
    annotations = [{"segment": [start, end], "label": label} for start, end, label in records]
    return {"subset": subset, "duration": duration, "annotations": annotations}


@HERE
def test_thumos14() -> None:
    truth = read_ground_truth(THUMOS)
    assert (truth.form, truth.dataset, truth.flaws) == ("database", "thumos14", [])
    assert truth.videos["subset"].value_counts().to_dict() == {"test": 210, "train": 200}
    assert len(truth.instances) == 3007 + 3311


@HERE
def test_activitynet_as_published() -> None:
    truth = read_ground_truth(ACTIVITYNET12)
    assert (truth.form, truth.dataset) == ("activitynet", "activitynet")
    assert truth.videos["subset"].value_counts().to_dict() == {
        "train": 4441, "validation": 2198, "test": 2268,
    }  # fmt: skip
    # Doubtful records stay, as they do in ActivityNet's kit.
    assert Counter(flaw.kind for flaw in truth.flaws) == {"duplicate": 31, "no length": 9}
    assert len(truth.instances) == len(read_annotations(ACTIVITYNET12).instances) + 9


@HERE
def test_bmn_with_the_table_beside_it() -> None:
    truth = read_ground_truth(ACTIVITYNET13)
    assert (truth.form, truth.dataset) == ("bmn", "activitynet")
    assert truth.videos["subset"].value_counts().to_dict() == {
        "train": 9649, "validation": 4728, "test": 4851,
    }  # fmt: skip
    assert truth.instances["label"].nunique() == 200
    assert truth.videos["duration"].min() > 0


def test_a_project_s_own_annotations(tmp_path: Path) -> None:
    database = {"a": entry((1, 2, "Dive"), subset="both"), "b": entry(subset="train")}
    truth = read_ground_truth(write(tmp_path / "a.json", {"version": "1.0", "database": database}))
    assert (truth.form, truth.dataset) == ("database", None)
    assert truth.videos["subset"].tolist() == ["both", "train"]
    assert truth.instances.to_numpy().tolist() == [["a", 1.0, 2.0, "Dive"]]


def test_every_bad_record_is_named_and_left_out(tmp_path: Path) -> None:
    database = {
        "a": entry((1, 2, "Dive"), (3, 2, "Dive"), (-1, 2, "Dive"), (5, 12, "Dive"), (1, 2, "Jump")),
        "b": entry((1, 2, "Dive"), (4, 4, "Dive"), (1, 2, "Dive"), (9, 10.9, "Dive")),
        "c": entry((-2, -3, "Jump")),
    }
    truth = read_ground_truth(write(tmp_path / "a.json", {"database": database}), labels=["Dive"])
    assert [(flaw.video, flaw.kind) for flaw in truth.flaws] == [
        ("a", "ends before its start"),
        ("a", "starts before 0"),
        ("a", "ends beyond the duration"),
        ("a", "unknown label"),
        ("b", "no length"),
        ("b", "duplicate"),
        ("c", "unknown label"),
        ("c", "starts before 0"),
        ("c", "ends before its start"),
    ]
    messages = [flaw.message.removeprefix(f"{tmp_path}/") for flaw in truth.flaws]
    assert (
        messages[0]
        == "a.json: a: annotations[1]: ends at 2 s, starts at 3 s; expected the end after the start"
    )
    assert messages[5] == "a.json: b: annotations[2]: Dive from 1 to 2 s stands there a second time"
    assert truth.instances.to_numpy().tolist() == [
        ["a", 1.0, 2.0, "Dive"],
        ["b", 1.0, 2.0, "Dive"],
        ["b", 4.0, 4.0, "Dive"],
        ["b", 1.0, 2.0, "Dive"],
        ["b", 9.0, 10.9, "Dive"],
    ]


def test_labels_outside_of_the_taxonomy_are_unknown(tmp_path: Path) -> None:
    data = {"taxonomy": [{"nodeName": "Dive"}], "database": {"a": entry((1, 2, "Dive"), (3, 4, "Jump"))}}
    truth = read_ground_truth(write(tmp_path / "a.json", data))
    assert [flaw.kind for flaw in truth.flaws] == ["unknown label"]
    assert truth.form == "activitynet"
    assert read_ground_truth(tmp_path / "a.json", labels=["Dive", "Jump"]).flaws == []


def test_bmn_without_its_table_says_what_is_missing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", {"v_a": {"duration_second": 3, "annotations": []}})
    with pytest.raises(HcutalError, match=r"no video_info_new\.csv beside it; expected the table of subsets"):
        read_ground_truth(path)
    (tmp_path / "mine.csv").write_text("video,subset\nv_a,validation\n")
    assert read_ground_truth(path, tmp_path / "mine.csv").videos["subset"].tolist() == ["validation"]


def test_a_table_of_subsets_is_for_bmn_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", {"database": {"a": entry()}})
    with pytest.raises(HcutalError, match="names the subsets itself"):
        read_ground_truth(path, tmp_path / "mine.csv")


def test_a_file_of_a_tool_comes_with_the_command_that_converts_it(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("video,start,end,label\na,1,2,run\n")
    with pytest.raises(
        HcutalError, match=r"labels\.csv: of an annotation tool; .*: hcutal convert .* --out gt"
    ):
        read_ground_truth(path)
