"""What is said of a run reaches the tables in labels/, whole or not at all."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.labelling.marks import read_marks
from hcutal.labelling.names_table import OtherTrainingError, make_names
from hcutal.labelling.run_labels import RunLabels
from hcutal.params.given_labels import given_names
from tests.labelling.conftest import train_again

pytestmark = pytest.mark.usefixtures("films")
MARK = {"recording": "b", "start": 1.0, "end": 2.5, "label": "cluster-00", "clusters": "0"}
NAMES, MARKS, DROPPED = (
    Path("labels/mine.0.csv"),
    Path("labels/mine.0.marks.csv"),
    Path("labels/mine.0.dropped.csv"),
)


def change(**values: Any) -> None:
    labels = RunLabels("mine.0")
    labels.change({"training": labels.training, **values})


def test_names_stand_in_the_table_that_the_map_stage_reads() -> None:
    change(names={"0": ' wave, "slow" ', "1": "jump"})
    change(names={"1": ""})
    assert given_names(NAMES) == {
        "names": {"0": 'wave, "slow"'},
        "named_training": RunLabels("mine.0").training,
    }
    assert make_names("mine.0", renew=False) == (NAMES, False)


def test_what_else_stands_in_the_table_stays() -> None:
    NAMES.parent.mkdir()
    NAMES.write_text("name,cluster,mine\nwave,0,keep\n")
    change(names={"1": "jump"})
    assert NAMES.read_text() == "name,cluster,mine\nwave,0,keep\njump,1,\n"


def test_names_of_an_older_training_are_kept_aside_when_that_is_asked_for() -> None:
    change(names={"0": "wave"})
    before = NAMES.read_text()
    train_again()
    with pytest.raises(OtherTrainingError, match=r"labels/mine\.0\.csv: names clusters of training"):
        change(names={"2": "sit"}, dropped={"a film": True})
    assert NAMES.read_text() == before and not DROPPED.exists()
    change(names={"2": "sit"}, renew=True)
    assert given_names(NAMES)["names"] == {"2": "sit"}
    assert [path.read_text() for path in Path("labels").glob("mine.0-*.csv")] == [before]


def test_a_page_of_an_older_training_changes_nothing() -> None:
    page = RunLabels("mine.0").training
    train_again()
    with pytest.raises(OtherTrainingError, match="load it again"):
        RunLabels("mine.0").change({"training": page, "names": {"0": "wave"}})
    assert not NAMES.exists()


def test_a_mark_is_replaced_and_taken_back() -> None:
    change(
        marks=[{**MARK, "verdict": "right"}, {**MARK, "recording": "c", "verdict": "wrong", "name": "sit"}]
    )
    change(marks=[{**MARK, "verdict": "wrong"}])
    assert [(mark.recording, mark.verdict, mark.name) for mark in read_marks(MARKS)] == [
        ("b", "wrong", ""),
        ("c", "wrong", "sit"),
    ]
    change(marks=[{**MARK, "verdict": "none"}])
    assert [mark.recording for mark in read_marks(MARKS)] == ["c"]


def test_a_mark_is_of_its_segment_whatever_the_cluster_is_called() -> None:
    change(
        marks=[
            {**MARK, "verdict": "right"},
            {**MARK, "clusters": "2", "label": "cluster-02", "verdict": "right"},
        ]
    )
    change(marks=[{**MARK, "label": "wave", "clusters": "0 1", "verdict": "wrong"}])
    assert [(mark.label, mark.verdict) for mark in read_marks(MARKS)] == [
        ("cluster-02", "right"),
        ("wave", "wrong"),
    ]
    change(marks=[{**MARK, "label": "sit", "clusters": "0", "verdict": "none"}])
    assert [mark.label for mark in read_marks(MARKS)] == ["cluster-02"]


def test_dropped_recordings_come_back() -> None:
    change(dropped={"b": True, "a film": True})
    change(dropped={"b": False, "c": True})
    assert pd.read_csv(DROPPED)["recording"].tolist() == ["a film", "c"]
    assert RunLabels("mine.0").state()["dropped"] == ["a film", "c"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"names": {"7": "wave"}}, "no cluster 7 in this training"),
        ({"names": {"../x": "wave"}}, "names"),
        ({"names": {"0": "two\nlines"}}, "expected one line"),
        ({"names": {"0": "x" * 201}}, "at most 200"),
        ({"dropped": {"d": True}}, "no recording 'd'"),
        ({"dropped": {"b": "yes"}}, "dropped"),
        ({"marks": [{**MARK, "verdict": "maybe"}]}, "verdict"),
        ({"marks": [{**MARK, "verdict": "right", "end": 0.5}]}, "expected a recording, 0 <= start < end"),
        ({"marks": [{**MARK, "verdict": "none", "recording": "/etc/passwd"}]}, "no recording '/etc/passwd'"),
        ({"marks": [{**MARK, "verdict": "right", "clusters": "a"}]}, "clusters"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(values: dict[str, Any], message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        change(**{"names": {"0": "wave"}, "dropped": {"b": True}, **values})
    assert not Path("labels").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("b,1,2,x,0,maybe,,t1", r"marks\.csv: line 2: verdict is 'maybe'; expected right or wrong"),
        ("b,2,1,x,0,right,,t1", r"marks\.csv: line 2: found 'b', 2\.0 to 1\.0 s, 'x'; expected"),
        ("b,1,2,x,0,right,,t1\nb,1,2.001,x,0,wrong,,t1", r"line 3: b has a mark there already"),
    ],
)
def test_a_table_that_was_edited_badly_is_named_and_left_as_it_is(line: str, message: str) -> None:
    MARKS.parent.mkdir()
    MARKS.write_text(f"recording,start,end,label,clusters,verdict,name,training\n{line}\n")
    with pytest.raises(HcutalError, match=message):
        change(names={"0": "wave"}, marks=[{**MARK, "verdict": "right"}])
    assert line in MARKS.read_text() and not NAMES.exists()


def test_what_no_longer_fits_the_results_is_said(films: dict[str, Path]) -> None:
    labels = RunLabels("mine.0")
    assert labels.out_of_step() == []
    change(names={"0": "wave"}, marks=[{**MARK, "verdict": "right"}], dropped={"c": True})
    assert labels.out_of_step() == []
    train_again()
    assert labels.out_of_step() == [
        "labels/mine.0.csv: names the clusters of an earlier training; these are new clusters, without names: "
        "hcutal label mine.0, or hcutal names mine.0 --renew"
    ]
    NAMES.unlink()
    MARKS.write_text(
        MARKS.read_text() + MARKS.read_text().splitlines()[1].replace("b,", "was renamed,", 1) + "\n"
    )
    assert [mark.recording for mark in labels.marks_here()] == ["b"]
    (line,) = labels.out_of_step()
    assert line.startswith("labels/mine.0.marks.csv: marks was renamed, which is not there any more:")
    kept = MARKS.read_text()
    MARKS.write_text("recording,start\nb,1\n")
    (line,) = labels.out_of_step()
    assert line.startswith("labels/mine.0.marks.csv: no column end")
    MARKS.write_text(kept)
    # What was dropped is not there either, and nobody is surprised.
    DROPPED.write_text("recording\nwas renamed\n")
    assert labels.out_of_step() == []
