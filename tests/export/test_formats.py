"""Each form, read back by a reader of its own, is what was written."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlparse
from xml.etree import ElementTree

import pandas as pd
import pytest

from hcutal.data.annotation_tools import read_tool
from hcutal.data.tool_rows import Units
from hcutal.errors import HcutalError
from hcutal.export.audacity import write_audacity
from hcutal.export.boris import write_boris
from hcutal.export.elan import media_kind, write_elan
from hcutal.export.formats import export_paths, refuse_existing, write_exports
from hcutal.export.label_studio import write_configuration, write_label_studio
from hcutal.export.segment_table import write_segment_table
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.export.summary_tables import write_summary, write_transitions
from tests.boris import boris_modules
from tests.export.conftest import COLUMNS, ROWS

# Children of an EAF 3.0 document in the order that its schema asks for, and attributes that it requires.
EAF_ORDER = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE"]
EAF_REQUIRED = {
    "ANNOTATION_DOCUMENT": {"AUTHOR", "DATE", "FORMAT", "VERSION"},
    "MEDIA_DESCRIPTOR": {"MEDIA_URL", "MIME_TYPE"},
    "TIME_SLOT": {"TIME_SLOT_ID"},
    "TIER": {"TIER_ID", "LINGUISTIC_TYPE_REF"},
    "ALIGNABLE_ANNOTATION": {"ANNOTATION_ID", "TIME_SLOT_REF1", "TIME_SLOT_REF2"},
    "LINGUISTIC_TYPE": {"LINGUISTIC_TYPE_ID"},
    "PROPERTY": {"NAME"},
}
Rows = list[tuple[float, float, str, float]]


def assert_same(found: Rows, expected: Rows, seconds: float) -> None:
    """The same labels and scores in the same order, at the same times up to `seconds`."""
    assert [(label, score) for _, _, label, score in found] == [
        (label, score) for _, _, label, score in expected
    ]
    for one, other in zip(found, expected, strict=True):
        assert one[:2] == pytest.approx(other[:2], abs=seconds + 1e-9)


def read_eaf(path: Path) -> tuple[ElementTree.Element, dict[str, Rows]]:
    """The document, checked against what the schema asks for, and the annotations of each tier."""
    root = ElementTree.parse(path).getroot()
    places = [EAF_ORDER.index(child.tag) for child in root]
    assert places == sorted(places) and places.count(0) == places.count(1) == 1
    for element in root.iter():
        assert EAF_REQUIRED.get(element.tag, set()) <= set(element.keys())
    kinds = {element.get("LINGUISTIC_TYPE_ID") for element in root.iter("LINGUISTIC_TYPE")}
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE", "")) for slot in root.iter("TIME_SLOT")}
    names = [*slots, *(a.get("ANNOTATION_ID") for a in root.iter("ALIGNABLE_ANNOTATION"))]
    assert len(set(names)) == len(names)
    assert list(slots.values()) == sorted(slots.values())
    tiers = {}
    for tier in root.iter("TIER"):
        assert tier.get("LINGUISTIC_TYPE_REF") in kinds
        found = []
        for annotation in tier.iter("ALIGNABLE_ANNOTATION"):
            start, end = (slots[annotation.get(f"TIME_SLOT_REF{side}")] / 1000 for side in (1, 2))
            found.append(
                (start, end, tier.get("TIER_ID", ""), float(annotation.findtext("ANNOTATION_VALUE", "")))
            )
        assert all(start < end for start, end, _, _ in found)
        assert all(one[1] <= other[0] for one, other in pairwise(found))
        tiers[tier.get("TIER_ID", "")] = found
    return root, tiers


def test_elan_has_a_tier_a_class_and_more_where_segments_overlap(
    recording: SegmentedRecording, tmp_path: Path
) -> None:
    write_elan(tmp_path / "out" / "a.eaf", recording)
    root, tiers = read_eaf(tmp_path / "out" / "a.eaf")
    assert sorted(tiers) == ["jump", "jump (2)", "run & <walk>"]
    found = [
        (a, b, label.removesuffix(" (2)"), score) for rows in tiers.values() for a, b, label, score in rows
    ]
    assert_same(sorted(found), sorted(ROWS), 0.0005)
    assert datetime.fromisoformat(root.get("DATE", "")).tzinfo is not None
    (media,) = root.iter("MEDIA_DESCRIPTOR")
    assert media.get("MIME_TYPE") == "video/mp4"
    assert media.get("RELATIVE_MEDIA_URL") == "../videos/a film, 2.mp4"
    address = urlparse(media.get("MEDIA_URL"))
    assert address.scheme == "file" and Path(unquote(address.path)) == recording.media


def test_elan_is_read_by_another_reader(recording: SegmentedRecording, tmp_path: Path) -> None:
    reader = pytest.importorskip("pympi")
    write_elan(tmp_path / "a.eaf", recording)
    document = reader.Eaf(str(tmp_path / "a.eaf"))
    assert sorted(document.get_tier_names()) == ["jump", "jump (2)", "run & <walk>"]
    assert document.get_annotation_data_for_tier("run & <walk>") == [(1200, 3210, "0.500")]
    assert len(document.get_linked_files()) == 1


def test_elan_of_features_alone_has_no_media(nothing: SegmentedRecording, tmp_path: Path) -> None:
    write_elan(tmp_path / "a.eaf", nothing)
    root, tiers = read_eaf(tmp_path / "a.eaf")
    assert tiers == {} and root.find("HEADER/MEDIA_DESCRIPTOR") is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.MKV", "video/x-matroska"), ("a.avi", "video/x-msvideo"), ("a.wav", "audio/x-wav"), ("a.npy", None)],
)
def test_elan_links_what_it_can_play(name: str, kind: str | None) -> None:
    assert media_kind(Path(name)) == kind


def test_the_shortest_segment_still_lasts_in_elan(nothing: SegmentedRecording, tmp_path: Path) -> None:
    nothing.segments.loc[0] = [1.0, 1.0001, "jump", 0.5]
    write_elan(tmp_path / "a.eaf", nothing)
    assert read_eaf(tmp_path / "a.eaf")[1] == {"jump": [(1.0, 1.001, "jump", 0.5)]}


def test_label_studio_counts_frames_from_one(recording: SegmentedRecording, tmp_path: Path) -> None:
    write_label_studio(tmp_path / "a.json", recording, "/data/local-files/?d=films/", "hcutal exp")
    ((task),) = json.loads((tmp_path / "a.json").read_text())
    assert task["data"] == {
        "video": "/data/local-files/?d=films/a%20film%2C%202.mp4",
        "fps": 25.0,
        "recording": "a film, 2",
    }
    (prediction,) = task["predictions"]
    assert prediction["model_version"] == "hcutal exp"
    assert prediction["score"] == pytest.approx(0.5)
    assert len({region["id"] for region in prediction["result"]}) == len(ROWS)
    found = []
    for region in prediction["result"]:
        assert (region["type"], region["from_name"], region["to_name"]) == (
            "timelinelabels",
            "actions",
            "video",
        )
        (label,), (span,) = region["value"]["timelinelabels"], region["value"]["ranges"]
        # Frame n shows (n - 1) / fps to n / fps seconds.
        found.append(((span["start"] - 1) / 25, span["end"] / 25, label, region["score"]))
    assert_same(found, ROWS, 1 / 25)
    assert [region["value"]["ranges"][0]["start"] for region in prediction["result"]] == [1, 27, 31, 73, 1500]


def test_label_studio_without_segments_predicts_none(nothing: SegmentedRecording, tmp_path: Path) -> None:
    write_label_studio(tmp_path / "a.json", nothing)
    (task,) = json.loads((tmp_path / "a.json").read_text())
    assert task == {
        "data": {"video": "empty", "fps": 50.0, "recording": "empty"},
        "predictions": [{"model_version": "hcutal", "result": []}],
    }


def test_the_configuration_has_the_names_of_the_regions(tmp_path: Path) -> None:
    write_configuration(tmp_path / "labels.xml", {"jump": "#112233", "run & <walk>": "#445566"})
    view = ElementTree.parse(tmp_path / "labels.xml").getroot()
    video, labels = view
    assert (video.tag, video.get("name"), video.get("value"), video.get("frameRate")) == (
        "Video",
        "video",
        "$video",
        "$fps",
    )
    assert (labels.tag, labels.get("name"), labels.get("toName")) == ("TimelineLabels", "actions", "video")
    assert {label.get("value"): label.get("background") for label in labels} == {
        "jump": "#112233",
        "run & <walk>": "#445566",
    }


def test_audacity_has_a_line_a_segment(recording: SegmentedRecording, tmp_path: Path) -> None:
    recording.segments.loc[2, "label"] = "run\tand\nwalk"
    write_audacity(tmp_path / "a.txt", recording)
    lines = (tmp_path / "a.txt").read_text().splitlines()
    fields = [line.split("\t") for line in lines]
    found = [(float(a), float(b), label, row[3]) for (a, b, label), row in zip(fields, ROWS, strict=True)]
    assert_same(
        found, [(a, b, label.replace("run & <walk>", "run and walk"), s) for a, b, label, s in ROWS], 1e-6
    )


def test_the_table_has_all_recordings(
    recording: SegmentedRecording, nothing: SegmentedRecording, tmp_path: Path
) -> None:
    write_segment_table(tmp_path / "segments.csv", [nothing, recording])
    with (tmp_path / "segments.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["video"] for row in rows} == {"a film, 2"}
    found = [(float(r["start"]), float(r["end"]), r["label"], float(r["score"])) for r in rows]
    assert_same(found, ROWS, 0.0005)
    write_segment_table(tmp_path / "segments.csv", [nothing])
    header = "video,start,end,label,score,start_frame,end_frame\n"
    assert (tmp_path / "segments.csv").read_text() == header


def test_exports_stand_where_they_are_announced(
    recording: SegmentedRecording, nothing: SegmentedRecording, tmp_path: Path
) -> None:
    formats, names = ["elan", "label-studio", "audacity", "boris"], ["a film, 2", "empty"]
    refuse_existing(tmp_path, formats, names)
    write_exports(tmp_path, [recording, nothing], formats, "hcutal exp", {"jump": "#112233"})
    paths = list(export_paths(tmp_path, formats, names))
    assert len(paths) == 7 and all(path.is_file() for path in paths)
    assert (tmp_path / "label-studio" / "labels.xml").is_file()
    with pytest.raises(HcutalError, match=r"empty\.eaf: exists \(with 0 more\).*corrections"):
        refuse_existing(tmp_path, ["elan"], ["empty", "new"])


@pytest.mark.parametrize("write", [write_elan, write_label_studio, write_audacity])
def test_the_same_segments_give_the_same_bytes(
    write: Callable[[Path, SegmentedRecording], None], recording: SegmentedRecording, tmp_path: Path
) -> None:
    assert recording.media is not None
    for moment, name in enumerate(("one", "two")):
        # A copy of a film is dated otherwise.
        os.utime(recording.media, (moment, moment))
        write(tmp_path / name, recording)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def takes(tmp_path: Path) -> list[SegmentedRecording]:
    """Two films of one name in two folders, one whose name an address has to encode, and a piece of film."""
    places = {"a__take 1.mp4": "a/take 1.mp4", "b__take 1.mp4": "b/take 1.mp4", "50% #2": "b/50% #2.mp4"}
    made = []
    for number, (name, place) in enumerate(places.items()):
        media = tmp_path / "films" / place
        media.parent.mkdir(parents=True, exist_ok=True)
        media.write_bytes(b"film")
        table = pd.DataFrame([(1.0 + number, 2.0 + number, "jump", 0.5)], columns=COLUMNS)
        made.append(SegmentedRecording(name, media, 9.0, 25.0, table, 25.0))
    return made


def test_addresses_lead_to_the_films_they_are_of(tmp_path: Path) -> None:
    recordings, base = takes(tmp_path), "/data/local-files/?d=films/"
    write_exports(tmp_path, recordings, ["label-studio"], "hcutal exp", {"jump": "#112233"}, base)
    for each in recordings:
        ((task),) = json.loads((tmp_path / f"label-studio/{each.name}.json").read_text())
        address = urlparse(task["data"]["video"])
        # As a server that gives out local files reads it: no part of the name is lost as a query or a fragment.
        assert not address.fragment
        (place,) = parse_qs(address.query)["d"]
        assert tmp_path / place == each.media


def test_label_studio_takes_tasks_and_predictions(tmp_path: Path) -> None:
    sdk = pytest.importorskip("label_studio_sdk.label_interface")
    recordings = takes(tmp_path)
    write_exports(tmp_path, recordings, ["label-studio"], "hcutal exp", {"jump": "#112233"})
    interface = sdk.LabelInterface((tmp_path / "label-studio/labels.xml").read_text())
    seen = set()
    for each in recordings:
        ((task),) = json.loads((tmp_path / f"label-studio/{each.name}.json").read_text())
        assert interface.validate_task({"data": task["data"]})
        assert interface.validate_prediction(task["predictions"][0])
        seen.add(task["data"]["video"])
    assert seen == {"a/take%201.mp4", "b/take%201.mp4", "b/50%25%20%232.mp4"}


def test_what_a_person_corrects_in_label_studio_is_of_the_right_one_of_two_films(tmp_path: Path) -> None:
    recordings = takes(tmp_path)
    write_exports(tmp_path, recordings, ["label-studio"], "hcutal exp", {"jump": "#112233"}, "http://x/")
    tasks = []
    for each in recordings:
        ((task),) = json.loads((tmp_path / f"label-studio/{each.name}.json").read_text())
        tasks.append({"data": task["data"], "annotations": task["predictions"]})
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    rows = read_tool(tmp_path / "export.json", Units()).rows
    assert [row[:3] for row in rows] == [
        ("a__take 1.mp4", 1, 2),
        ("b__take 1.mp4", 2, 3),
        ("50% #2", 3, 4),
    ]


def test_elan_says_which_of_two_films_of_one_name_it_is_of(tmp_path: Path) -> None:
    for each in takes(tmp_path):
        write_elan(tmp_path / "a.eaf", each)
        assert [row.video for row in read_tool(tmp_path / "a.eaf", Units()).rows] == [each.name]


def test_boris_has_an_observation_a_recording(
    recording: SegmentedRecording, nothing: SegmentedRecording, tmp_path: Path
) -> None:
    colours = {"jump": "#112233", "run & <walk>": "#445566"}
    write_boris(tmp_path / "out/segments.boris", [recording, nothing], colours)
    found = read_tool(tmp_path / "out/segments.boris", Units())
    # What overlaps of a class is one state.
    assert [row[1:] for row in sorted(found.rows)] == [
        (0.0, 2.8, "jump"),
        (1.2, 3.21, "run & <walk>"),
        (2.9, 5.0, "jump"),
        (59.96, 61.0, "jump"),
    ]
    assert {row.video for row in found.rows} == {recording.name} and found.durations == {recording.name: 70.0}
    film, other = json.loads((tmp_path / "out/segments.boris").read_text())["observations"].values()
    assert (film["type"], film["file"]["1"]) == ("MEDIA", [str(recording.media)])
    assert (other["type"], other["file"]["1"], other["events"]) == ("LIVE", [], [])


def test_boris_takes_the_project(
    recording: SegmentedRecording,
    nothing: SegmentedRecording,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    projects, config, export = boris_modules(
        monkeypatch, ("project_functions", "config", "export_observation")
    )
    path, colours = tmp_path / "segments.boris", {"jump": "#112233", "run & <walk>": "#445566"}
    write_boris(path, [recording, nothing], colours)
    _, is_changed, project, message = projects.open_project_json(str(path))
    assert (is_changed, message) == (False, "")
    assert projects.check_project_integrity(project, config.S, str(path)) == ""
    parameters = {
        "time": config.TIME_EVENTS,
        config.SELECTED_SUBJECTS: [config.NO_FOCAL_SUBJECT],
        config.SELECTED_BEHAVIORS: list(colours),
    }
    segments, _ = export.export_aggregated_events(project, parameters, recording.name)
    found = sorted((row[11], float(row[14]), float(row[15])) for row in segments)
    read = read_tool(path, Units()).rows
    assert found == sorted((row.label, row.start, row.end) for row in read)
    # Segments of a class that overlap or touch are one.
    assert len(found) == 4


def test_a_project_and_its_films_can_be_moved_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (each, *_) = takes(Path())
    folder = Path("results/segments")
    write_exports(Path("elsewhere"), [each], ["elan", "boris"], "hcutal", {"jump": "#112233"}, "", folder)
    (film,) = json.loads(Path("elsewhere/boris/segments.boris").read_text())["observations"].values()
    assert film["file"]["1"] == ["../../../films/a/take 1.mp4"]
    (media,) = ElementTree.parse("elsewhere/elan/a__take 1.mp4.eaf").iter("MEDIA_DESCRIPTOR")
    assert media.get("MEDIA_URL") == media.get("RELATIVE_MEDIA_URL") == "../../../films/a/take 1.mp4"


def test_frames_are_those_that_are_shown_between_start_and_end(
    recording: SegmentedRecording, tmp_path: Path
) -> None:
    rates = (25.0, 30000 / 1001)
    for rate in rates:
        write_segment_table(tmp_path / "segments.csv", [replace(recording, rate=rate)])
        table = pd.read_csv(tmp_path / "segments.csv")
        for _, row in table.iterrows():
            shown = [
                frame
                for frame in range(int(70 * rate))
                if (frame + 1) / rate > row["start"] + 1e-5 and frame / rate < row["end"] - 1e-5
            ]
            assert (row["start_frame"], row["end_frame"]) == (shown[0], shown[-1])


def test_without_a_rate_there_are_no_frames(recording: SegmentedRecording, tmp_path: Path) -> None:
    write_segment_table(tmp_path / "segments.csv", [recording])
    table = pd.read_csv(tmp_path / "segments.csv")
    assert len(table) == len(ROWS) and table[["start_frame", "end_frame"]].isna().all(axis=None)


def test_the_summary_has_each_class_of_each_recording(
    recording: SegmentedRecording, nothing: SegmentedRecording, tmp_path: Path
) -> None:
    write_summary(tmp_path / "summary.csv", [recording, nothing], ["jump", "run & <walk>"])
    table = pd.read_csv(tmp_path / "summary.csv").set_index(["video", "label"])
    assert len(table) == 4
    jump = table.loc[("a film, 2", "jump")]
    # 0 to 2.8 s under two segments, 2.9 to 5 s, 59.96 to 61 s.
    assert jump[["segments", "seconds", "longest"]].tolist() == pytest.approx([4, 2.8 + 2.1 + 1.04, 2.1])
    assert jump["share"] == pytest.approx((2.8 + 2.1 + 1.04) / 70, abs=1e-4)
    assert table.loc["empty", ["segments", "seconds", "longest"]].to_numpy().sum() == 0
    assert table["duration"].tolist() == [70, 70, 10, 10]


def test_transitions_count_what_begins_next_in_a_recording(
    recording: SegmentedRecording, tmp_path: Path
) -> None:
    write_transitions(tmp_path / "transitions.csv", [recording, recording], ["jump", "run & <walk>"])
    table = pd.read_csv(tmp_path / "transitions.csv").pivot(index="from", columns="to", values="count")
    # jump, jump, run, jump, jump; twice.
    assert table.loc["jump"].tolist() == [4, 2] and table.loc["run & <walk>"].tolist() == [2, 0]


@pytest.mark.parametrize(("write", "suffix"), [(write_elan, ".eaf"), (write_audacity, ".txt")])
def test_what_is_handed_to_a_tool_is_read_back_as_annotations(
    recording: SegmentedRecording,
    tmp_path: Path,
    write: Callable[[Path, SegmentedRecording], None],
    suffix: str,
) -> None:
    path = tmp_path / f"{recording.name}{suffix}"
    write(path, recording)
    found = sorted(read_tool(path, Units()).rows)
    assert [(row.video, row.label) for row in found] == [(recording.name, label) for _, _, label, _ in ROWS]
    assert [row.end for row in found] == pytest.approx([end for _, end, _, _ in ROWS], abs=1e-3)
