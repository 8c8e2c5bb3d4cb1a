"""Each form, read back by a reader of its own, is what was written."""

import csv
import json
import os
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree

import pytest

from hcutal.data.annotation_tools import read_tool
from hcutal.data.tool_rows import Units
from hcutal.errors import HcutalError
from hcutal.export.audacity import write_audacity
from hcutal.export.elan import media_kind, write_elan
from hcutal.export.formats import export_paths, refuse_existing, write_exports
from hcutal.export.label_studio import write_configuration, write_label_studio
from hcutal.export.segment_table import write_segment_table
from hcutal.export.segmented_recording import SegmentedRecording
from tests.export.conftest import ROWS

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
    assert task["data"] == {"video": "/data/local-files/?d=films/a film, 2.mp4", "fps": 25.0}
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
        "data": {"video": "empty", "fps": 50.0},
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
    assert (tmp_path / "segments.csv").read_text() == "video,start,end,label,score\n"


def test_exports_stand_where_they_are_announced(
    recording: SegmentedRecording, nothing: SegmentedRecording, tmp_path: Path
) -> None:
    formats, names = ["elan", "label-studio", "audacity"], ["a film, 2", "empty"]
    refuse_existing(tmp_path, formats, names)
    write_exports(tmp_path, [recording, nothing], formats, "hcutal exp", {"jump": "#112233"})
    paths = list(export_paths(tmp_path, formats, names))
    assert len(paths) == 6 and all(path.is_file() for path in paths)
    assert (tmp_path / "label-studio" / "labels.xml").is_file()
    with pytest.raises(HcutalError, match=r"empty\.eaf: exists \(with 0 more\).*corrections"):
        refuse_existing(tmp_path, ["elan"], ["empty", "new"])


@pytest.mark.parametrize("write", [write_elan, write_label_studio, write_audacity])
def test_the_same_segments_give_the_same_bytes(
    write: Callable[[Path, SegmentedRecording], None], recording: SegmentedRecording, tmp_path: Path
) -> None:
    assert recording.media is not None
    os.utime(recording.media, (1e9, 1e9))
    for name in ("one", "two"):
        write(tmp_path / name, recording)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


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
