"""Names and marks become labels of recordings, and segments are held against marks."""

from pathlib import Path

import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.labelling.agreement import Agreement, agreement
from hcutal.labelling.marks import Mark
from hcutal.labelling.taught import read_taught, taught_labels, write_taught

NAMES = {"0": "jump", "1": "run"}
ASSIGNED = [("a", 0), ("b", 0), ("c", 1), ("d", 2), ("e", 0), ("e", 1)]


def mark(
    recording: str, verdict: str, name: str = "", clusters: str = "0", label: str = "cluster-00"
) -> Mark:
    return Mark(recording, 2.0, 4.0, label, clusters, verdict, name, "t1")


def labels(*marks: Mark, dropped: tuple[str, ...] = ()) -> dict[str, list[str]]:
    return taught_labels(ASSIGNED, NAMES, marks, dropped, "t1")


def test_recordings_have_the_names_of_their_clusters() -> None:
    assert labels() == {"a": ["jump"], "b": ["jump"], "c": ["run"], "e": ["jump", "run"]}
    assert labels(dropped=("c", "e")) == {"a": ["jump"], "b": ["jump"]}


def test_marks_add_and_take_away() -> None:
    assert labels(mark("a", "wrong"))["b"] == ["jump"] and "a" not in labels(mark("a", "wrong"))
    assert labels(mark("a", "wrong", "sit"))["a"] == ["sit"]
    assert labels(mark("d", "right"))["d"] == ["jump"]
    # One of two segments is what it is called.
    other = Mark("a", 6.0, 8.0, "cluster-00", "0", "right", "", "t1")
    assert labels(mark("a", "wrong"), other)["a"] == ["jump"]


def test_a_cluster_without_a_name_and_one_of_another_training_give_no_label() -> None:
    assert "d" not in labels(mark("d", "right", clusters="2", label="cluster-02"))
    assert taught_labels([("d", 2)], NAMES, [mark("d", "right")], [], "t2") == {}
    assert taught_labels([("d", 2)], NAMES, [mark("d", "right", label="sit")], [], "t2") == {"d": ["sit"]}


def test_the_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    wanted = {"a, b": ["jump", "run"], "c": ["sit"]}
    write_taught(tmp_path / "x.csv", wanted)
    assert read_taught(tmp_path / "x.csv") == wanted
    (tmp_path / "x.csv").write_text("recording,label\na,jump\nb,\n")
    with pytest.raises(HcutalError, match=r"x\.csv: line 3: found 'b', ''; expected a recording and a label"):
        read_taught(tmp_path / "x.csv")


def test_segments_are_held_against_marks() -> None:
    rows = [
        ("a", 2.0, 4.0, "cluster-00"),
        ("b", 2.0, 3.5, "run"),
        ("c", 2.0, 4.0, "jump"),
        ("d", 2.0, 9.0, "jump"),
    ]
    segments = pd.DataFrame(rows, columns=["video", "start", "end", "label"])

    def called(label: str) -> str:
        return "jump" if label == "cluster-00" else label

    def held(*marks: Mark) -> Agreement:
        return agreement(marks, NAMES, "t1", segments, called)

    assert held(mark("a", "right")) == Agreement(1, 1, 0, 0, 1, 1)
    # tIoU .75 is enough, 2 of 7 s are not, and nothing was found in "none".
    assert held(mark("b", "wrong", "run")) == Agreement(1, 1, 1, 1, 1, 1)
    assert held(mark("d", "right"), mark("none", "right")) == Agreement(2, 0, 0, 0, 2, 0)
    assert held(mark("c", "wrong"), mark("d", "wrong")) == Agreement(0, 0, 2, 1, 2, 1)
    assert held(mark("a", "right"), mark("c", "wrong")).share == 0.5
    assert held().share is None
