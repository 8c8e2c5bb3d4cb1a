"""Files of annotation tools, written by the tool's own library or in its form, become annotations."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pympi
import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.data.annotation_tools import read_tool
from hcutal.data.annotations import read_annotations
from hcutal.data.tool_rows import ToolRow, ToolRows, Units
from hcutal.data.tools_to_annotations import convert
from hcutal.errors import HcutalError

ROWS = [ToolRow("film 1", 1.5, 3.0, "Jump"), ToolRow("film 1", 4.0, 6.25, "Run")]


def read(path: Path, unit: str | None = None, fps: float | None = None) -> ToolRows:
    return read_tool(path, Units(unit, fps))


def written(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_elan_by_its_own_library(tmp_path: Path) -> None:
    document = pympi.Eaf()
    document.add_linked_file("file:///home/me/film%201.mp4", mimetype="video/mp4")
    document.add_tier("actions")
    document.add_annotation("actions", 1500, 3000, "Jump")
    document.add_annotation("actions", 4000, 6250, "Run")
    document.to_file(str(tmp_path / "a.eaf"))
    found = read(tmp_path / "a.eaf")
    assert (found.form, found.rows) == ("ELAN", ROWS)
    # Tiers of which the values are scores are called like the classes.
    document = pympi.Eaf()
    for tier, start, end in (("Jump", 1500, 3000), ("Run (2)", 4000, 6250)):
        document.add_tier(tier)
        document.add_annotation(tier, start, end, "0.731")
    document.to_file(str(tmp_path / "film 1.eaf"))
    assert sorted(read(tmp_path / "film 1.eaf").rows) == ROWS


def test_labels_of_audacity(tmp_path: Path) -> None:
    path = written(tmp_path / "film 1.txt", "1.5\t3.0\tJump\n\\\t100\t200\n4.0\t6.25\tRun\n7.0\t7.0\tpoint\n")
    found = read(path)
    assert (found.rows, found.left_out) == (ROWS, {"events without a length": 1})
    with pytest.raises(HcutalError, match=r"line 1: found '1\.5 3\.0 Jump'; expected start, end and a label"):
        read(written(path, "1.5 3.0 Jump\n"))


@pytest.mark.parametrize(
    ("content", "unit", "fps"),
    [
        ("video,start,end,label\nfilm 1.mp4,1.5,3,Jump\nfilm 1.mp4,4,6.25,Run\n", None, None),
        ("Label;Onset;Offset\nJump;1,5;3\nRun;4;6,25\n", None, None),
        ("start\tduration\tclass\n0:00:01.5\t1.5\tJump\n0:04\t2.25\tRun\n", None, None),
        ("start_frame,end_frame,action\n30,60,Jump\n80,125,Run\n", None, 20.0),
        ("start,end,label\n30,60,Jump\n80,125,Run\n", "frames", 20.0),
        ("start (ms),end (ms),label\n1500,3000,Jump\n4000,6250,Run\n", None, None),
        (
            "Observation id,Media file name,FPS (frame/s),Subject,Behavior,Behavior type,Start (s),Stop (s)\n"
            "o1,/films/film 1.mp4,25,me,Jump,STATE,1.5,3.0\no1,/films/film 1.mp4,25,me,Run,STATE,4.0,6.25\n",
            None,
            None,
        ),
        (
            "Time,Media file name,Subject,Behavior,Behavior type\n1.5,film 1.mp4,me,Jump,START\n"
            "3.0,film 1.mp4,me,Jump,STOP\n4.0,film 1.mp4,me,Run,START\n6.25,film 1.mp4,me,Run,STOP\n",
            None,
            None,
        ),
    ],
)
def test_tables_by_the_names_of_their_columns(
    tmp_path: Path, content: str, unit: str | None, fps: float | None
) -> None:
    assert read(written(tmp_path / "film 1.csv", content), unit, fps).rows == ROWS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", r"no column for start, label; there are a, b; expected video, start, end, label"),
        ("start,label\n1,Jump\n", "no column for end or duration"),
        ("start,end,label\n1,soon,Jump\n", r"line 2: found 'soon'; expected a time, in numbers or h:mm:ss"),
        ("start,end,label\n3,1,Jump\n", "Jump ends at 1 s, before its start"),
        ("start,end,label\n1,3,\n", "line 2: no label"),
        (
            "start_frame,end_frame,label\n1,3,Jump\n",
            "times are frames; say how many a second there are: --fps",
        ),
        ("time,behavior,status\n1,Jump,START\n", "Jump begins at 1 s and has no end"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        read(written(tmp_path / "a.csv", content))


def boris(*events: list[Any], films: list[str]) -> dict[str, Any]:
    observation = {
        "file": {"1": films},
        "media_info": {"length": {films[0]: 9.5}},
        "events": [[*event, "", ""] for event in events],
    }
    kinds = {"Jump": "State event", "Run": "State event", "look": "Point event"}
    conf = {str(number): {"code": code, "type": kind} for number, (code, kind) in enumerate(kinds.items())}
    return {"behaviors_conf": conf, "observations": {"o1": observation}}


def test_a_project_of_boris(tmp_path: Path) -> None:
    events = [
        [1.5, "me", "Jump"],
        [3.0, "me", "Jump"],
        [3.5, "me", "look"],
        [4.0, "me", "Run"],
        [6.25, "me", "Run"],
    ]
    path = written(tmp_path / "p.boris", boris(*events, films=["/films/film 1.mp4"]))
    found = read(path)
    assert (found.rows, found.durations) == (ROWS, {"film 1": 9.5})
    assert found.left_out == {"events without a length": 1}
    written(path, boris(*events[:1], films=["a.mp4"]))
    with pytest.raises(HcutalError, match=r"a: me Jump begins at 1\.5 s and has no end"):
        read(path)
    written(path, boris(films=["a.mp4", "b.mp4"]))
    with pytest.raises(HcutalError, match="observation o1 has 2 films in a row"):
        read(path)


def test_a_project_of_via(tmp_path: Path) -> None:
    action = {"aname": "action", "anchor_id": "FILE1_Z2_XY0", "type": 4, "options": {"0": "Jump", "1": "Run"}}
    words = {"aname": "words", "anchor_id": "FILE1_Z2_XY0", "type": 1, "options": {}}
    boxes = {"aname": "boxes", "anchor_id": "FILE1_Z2_XY0", "type": 2, "options": {"0": "left", "1": "right"}}
    project = {
        "project": {"pid": "__VIA_PROJECT_ID__", "data_format_version": "3.1.1", "vid_list": ["1"]},
        "config": {},
        "attribute": {"1": action, "2": words, "3": boxes},
        "file": {"1": {"fid": "1", "fname": "film 1.mp4", "type": 4, "loc": 1, "src": ""}},
        "view": {"1": {"fid_list": ["1"]}},
        "metadata": {
            "1_a": {"vid": "1", "flg": 0, "z": [1.5, 3.0], "xy": [], "av": {"1": "0", "2": "high"}},
            "1_b": {"vid": "1", "flg": 0, "z": [4, 6.25], "xy": [], "av": {"2": " Run "}},
            "1_c": {"vid": "1", "flg": 0, "z": [7, 8], "xy": [], "av": {"3": "0,1"}},
            "1_d": {"vid": "1", "flg": 0, "z": [2.0], "xy": [2, 10, 10, 5, 5], "av": {"1": "0"}},
            "1_e": {"vid": "1", "flg": 0, "z": [8, 9], "xy": [], "av": {}},
        },
    }
    found = read(written(tmp_path / "a.json", project))
    assert found.form == "a project of VIA"
    assert found.rows == [*ROWS, ToolRow("film 1", 7, 8, "left"), ToolRow("film 1", 7, 8, "right")]
    assert found.left_out == {
        "further attributes of segments": 1,
        "regions and single times": 1,
        "segments without a label": 1,
    }
    del project["file"]["1"]
    with pytest.raises(HcutalError, match="of another form than that of the tool"):
        read(written(tmp_path / "a.json", project))


VIA_TABLE = """\
# Exported using VGG Image Annotator (http://www.robots.ox.ac.uk/~vgg/software/via)
# Notes:
# - temporal coordinate of [4.633] denotes a still video frame at 4.633 sec.
# SHAPE_ID = {"POINT":1,"RECTANGLE":2}
# FLAG_ID = {"RESERVED_FOR_FUTURE":1}
# ATTRIBUTE = {"1":{"aname":"action","type":4,"options":{"0":"Jump","1":"Run"}},"2":{"type":1,"options":{}}}
# CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata
"1_a","[""film 1.mp4""]",0,"[1.5,3]","[]","{""1"":""0"",""2"":""high, low""}"
"1_b","[""film 1.mp4""]",0,"[4,6.25]","[]","{""2"":""Run""}"
"1_c","[""film 1.mp4""]",0,"[2.41892]","[2,162.262,176.2,639.4,192.4]","{""1"":""0""}"
"2_d","[""C:\\\\films\\\\b.mov""]",0,"[0,1]","[]","{""1"":""1""}"
"""


def test_a_table_of_via(tmp_path: Path) -> None:
    path = tmp_path / "via.csv"
    path.write_text(VIA_TABLE)
    found = read(path)
    assert found.form == "a table of VIA"
    assert found.rows == [*ROWS, ToolRow("b", 0, 1, "Run")]
    assert found.left_out == {"further attributes of segments": 1, "regions and single times": 1}
    # Of a version that says no more of attributes than their names.
    lines = [line for line in VIA_TABLE.splitlines() if not line.startswith("# ATTRIBUTE")]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    assert [row.label for row in read(path).rows] == ["0", "Run", "1"]
    path.write_text(
        "# Exported using VGG Image Annotator (http://www.robots.ox.ac.uk/~vgg/software/via)\n"
        "# CSV_HEADER = metadata_id, file_list, temporal_segment_start, temporal_segment_end, metadata\n"
        '"1_a","[""film 1.mp4""]",1.5,3,"{""TEMPORAL-SEGMENTS"":""Jump""}"\n'
    )
    assert read(path).rows == ROWS[:1]
    path.write_text(VIA_TABLE.replace("[4,6.25]", "[4,6.25"))
    with pytest.raises(HcutalError, match=r"via\.csv: of another form than that of the tool"):
        read(path)


def test_an_export_of_label_studio(tmp_path: Path) -> None:
    timeline = {
        "type": "timelinelabels",
        "value": {"ranges": [{"start": 31, "end": 60}], "timelinelabels": ["Jump"]},
    }
    sound = {"type": "labels", "value": {"start": 4.0, "end": 6.25, "labels": ["Run"]}}
    choice = {"type": "choices", "value": {"choices": ["good"]}}
    task = {
        "id": 7,
        "data": {"video": "/data/upload/1/film 1.mp4"},
        "annotations": [{"result": [timeline, sound, choice]}, {"result": []}],
    }
    path = written(tmp_path / "export.json", [task])
    assert read(path, fps=20.0).rows == ROWS
    assert read(path, fps=20.0).left_out == {
        "annotations of a second person": 1,
        "regions of another kind": 1,
    }
    with pytest.raises(HcutalError, match="task 7: times are frames; say how many a second there are: --fps"):
        read(path)
    task["data"]["fps"] = 20
    assert read(written(path, [task])).rows == ROWS
    with pytest.raises(HcutalError, match="of another form than that of the tool"):
        read(written(path, [{"data": {"video": "a"}, "annotations": 3}]))
    with pytest.raises(HcutalError, match="is in ActivityNet's form already"):
        read(written(path, {"database": {}}))


def test_files_of_several_tools_become_annotations(tmp_path: Path) -> None:
    written(tmp_path / "a.txt", "1\t2\tJump\n")
    written(tmp_path / "b.csv", "start,end,label\n0,4,Run\n3,5,Jump\n")
    arguments = [
        "convert",
        str(tmp_path / "a.txt"),
        str(tmp_path / "b.csv"),
        "--out",
        str(tmp_path / "gt.json"),
    ]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "a.txt: read as Audacity's labels, 1 segments" in result.output
    assert "gt.json: 2 recordings (a, b), 2 labels (Jump, Run)" in result.output
    known = read_annotations(tmp_path / "gt.json")
    assert known.videos["subset"].tolist() == ["both", "both"]
    assert known.instances.to_numpy().tolist() == [
        ["a", 1.0, 2.0, "Jump"],
        ["b", 0.0, 4.0, "Run"],
        ["b", 3.0, 5.0, "Jump"],
    ]


def test_what_cannot_become_annotations(tmp_path: Path) -> None:
    first = written(tmp_path / "a.txt", "1\t2\tJump\n")
    second = written(tmp_path / "a.csv", "start,end,label\n0,4,Run\n")
    with pytest.raises(HcutalError, match=r"a\.csv: a is in .*a\.txt as well"):
        convert([first, second], tmp_path / "gt.json", Units())
    with pytest.raises(HcutalError, match="no segment in any of the files"):
        convert([written(first, "1\t1\tJump\n")], tmp_path / "gt.json", Units())
    with pytest.raises(HcutalError, match=r"a\.doc: not known; expected \.eaf, \.txt"):
        convert([tmp_path / "a.doc"], tmp_path / "gt.json", Units())
    assert not (tmp_path / "gt.json").exists()


def test_a_new_project_takes_the_files_of_tools(tmp_path: Path) -> None:
    (tmp_path / "sensors").mkdir()
    for name in "abcd":
        values = np.random.default_rng(ord(name)).normal(size=(250, 3))
        np.save(tmp_path / "sensors" / f"{name}.npy", values)
    labels = written(tmp_path / "a.txt", "1\t2\tJump\n")
    table = written(tmp_path / "b.csv", "start,end,label\n0,4,Run\n")

    def new(*files: Path) -> Any:
        arguments = [
            "new",
            str(tmp_path / "p"),
            "--videos",
            str(tmp_path / "sensors"),
            "--extractor",
            "vectors",
        ]
        return CliRunner().invoke(
            main, arguments + [part for file in files for part in ("--annotations", str(file))]
        )

    result = new(labels, written(table, "start frame,end frame,label\n0,4,Run\n"))
    assert result.exit_code == 1 and "hcutal convert FILE --fps N --out gt.json" in result.output
    result = new(labels, written(table, "start,end,label\n0,4000,Run\n"))
    assert result.exit_code == 1 and "annotations end at 400 times the duration in 1 of 2" in result.output
    assert not (tmp_path / "p").exists()
    result = new(labels, written(table, "start,end,label\n0,4,Run\n"))
    assert result.exit_code == 0, result.output
    assert (
        "b.csv: read as a table of segments (start, end, label; separator comma, times in s), 1"
        in result.output
    )
    assert "annotations: 2 both recorded and annotated; 2 only recorded (c, d)\n" in result.output
    known = read_annotations(tmp_path / "p" / "labels" / "annotations.json")
    assert known.instances.to_numpy().tolist() == [["a", 1.0, 2.0, "Jump"], ["b", 0.0, 4.0, "Run"]]
