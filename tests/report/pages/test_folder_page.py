"""The page of a folder of recordings: what somebody sees who has no annotations."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from hcutal.extract.registry import Recipe
from hcutal.files import read_json, write_json
from hcutal.params.report import ReportParams
from hcutal.report.kit.page import PageSection
from hcutal.report.material import collect
from hcutal.report.pages.headline import _estimate
from hcutal.report.pages.run_page import make_sections, write_report
from hcutal.report.run_outputs import RunOutputs, read_outputs
from hcutal.report.sections.number_section import draw_numbers
from hcutal.report.sections.segments_section import Card, ClassGroup
from tests.extract.video.videos import numbered, write_video
from tests.report.folder import METRICS, write_folder
from tests.report.structure import Structure

PARAMS = ReportParams(dpi=50)
NAMES = {0: "wave & <bow>", 1: "cluster-01"}
PROPOSALS = {
    "a film": [
        ("wave & <bow>", 2.0, 4.0, 0.9),
        ("wave & <bow>", 3.0, 5.0, 0.8),
        ("cluster-01", 6.0, 7.0, 0.7),
    ],
    "b": [("wave & <bow>", 1.0, 2.5, 0.6), ("cluster-01", 1.0, 2.0, 0.1)],
    "c": [],
}
Make = Callable[..., RunOutputs]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Writes a project whose recordings are two videos and one that vanished, and reads what its page shows."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    files = {
        "a film": tmp_path / "project" / "videos" / "a film.mp4",
        "b": tmp_path / "other" / "b.webm",
        "c": tmp_path / "other" / "c.mp4",
    }
    for name, path in files.items():
        path.parent.mkdir(exist_ok=True)
        if name != "b":
            write_video(path, [numbered(number) for number in range(250)])

    def write(suffix: str | None = None, **more: Any) -> RunOutputs:
        paths = {name: path.with_suffix(suffix) if suffix else path for name, path in files.items()}
        values: dict[str, Any] = {
            "proposals": PROPOSALS,
            "clusters": {"a film": 0, "b": 0, "c": 1},
            "names": NAMES,
        }
        write_folder(paths, **{**values, **more})
        return read_outputs("mine.0", "folder")

    return write


def page_of(outputs: RunOutputs, params: ReportParams = PARAMS) -> str:
    write_report("results/mine/seed-0/report", outputs, params)
    return Path("results/mine/seed-0/report/report.html").read_text(encoding="utf-8")


def sections_of(outputs: RunOutputs, params: ReportParams = PARAMS) -> dict[str, PageSection]:
    return {section.anchor: section for section in make_sections(collect(outputs, params))}


def groups_of(outputs: RunOutputs, params: ReportParams = PARAMS) -> list[ClassGroup]:
    groups: list[ClassGroup] = sections_of(outputs, params)["segments"].values["groups"]
    return groups


def test_the_page_is_well_formed_and_asks_nothing_of_the_network(make: Make) -> None:
    text = page_of(make(failed={"d": "d.mp4: <broken>"}))
    page = Structure(text)
    assert any(image["src"].startswith("data:image/jpeg;base64,") for image in page.all("img"))
    assert all(image["src"].startswith("data:") and len(image["alt"]) > 20 for image in page.all("img"))
    anchors = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    plain = [link["href"] for link in page.all("a") if link.get("class") != "play"]
    assert {address for address in plain if address[1:] not in anchors} == {"../../summary/report.html"}
    assert len(page.all("caption")) == len(page.all("table"))
    assert not re.search(r"https?://|@import|url\(", re.sub(r"base64,[\w+/=]+", "", text))
    assert "wave &amp; &lt;bow&gt;" in text and "<bow>" not in text
    assert "d.mp4: &lt;broken&gt;" in text


def test_it_says_that_nothing_was_evaluated_and_what_to_do(make: Make) -> None:
    text = page_of(make())
    assert "not evaluated: no annotations" in text
    assert "Not evaluated: no annotations." in text
    assert not re.search(r'id="(results|diagnosis|timelines|clusters)"', text)
    assert "<code>hcutal names mine.0</code>" in text and "<code>hcutal run mine.0</code>" in text
    assert "labels/mine.0.csv" in text and "prepare: {annotations: FILE.json}" in text
    assert "They have numbers until somebody names them" in text
    assert "trained on and localized" in text and "estimated, between 2 and 4; by another measure 2" in text


def test_it_shows_how_sure_the_number_of_clusters_is(make: Make) -> None:
    outputs = make()
    section = sections_of(outputs)["number"]
    assert section.pictures[0].alt == "Stability of 2 to 10 clusters; 3 were chosen, of 2 to 4."
    text = page_of(outputs)
    assert "<strong>3</strong> is the number of groups" in text and "whole recordings fall into 2" in text
    assert "Other ways of counting give 2 to 4" in text
    found = outputs.metrics["train"]
    given = {name: value for name, value in found.items() if not name.startswith(("stability", "estimated"))}
    outputs = replace(outputs, metrics={**outputs.metrics, "train": given})
    assert "number" not in sections_of(outputs)


def test_the_stability_of_each_number_is_drawn_with_the_estimate() -> None:
    (axes,) = draw_numbers({2: 0.5, 3: 0.75, 10: 0.25}, chosen=3, fewest=2, most=4).axes
    chosen, curve = axes.lines
    assert list(curve.get_xdata()) == [2, 3, 10] and list(curve.get_ydata()) == [0.5, 0.75, 0.25]
    assert set(chosen.get_xdata()) == {3}
    (band,) = axes.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((1.6, 4.4))


def test_typical_segments_of_each_cluster(make: Make) -> None:
    first, second = groups_of(make())
    assert (first.label, first.clusters, first.recordings) == ("wave & <bow>", [0], ["a film", "b"])
    assert [(card.recording, card.start, card.end) for card in first.cards] == [
        ("a film", 2.0, 4.0),
        ("b", 1.0, 2.5),
    ]
    assert (first.segments, first.seconds) == (2, 3.5)
    assert [(card.recording, card.score) for card in second.cards] == [("a film", 0.7)]


def test_a_click_leads_to_the_part_of_the_file(make: Make, tmp_path: Path) -> None:
    text = html.unescape(page_of(make()))
    links = re.findall(r'class="play" href="([^"#]+)(#[^"]*)?"', text)
    assert ("../../../../videos/a%20film.mp4", "#t=2.00,4.00") in links
    assert ((tmp_path / "other/b.webm").as_uri(), "#t=1.00,2.50") in links
    relative = {unquote(where) for where, _ in links if not where.startswith("file:")}
    assert all((Path("results/mine/seed-0/report") / where).exists() for where in relative)
    # Two cards and two bars of the film, a card and a bar of b, and each recording from its start, twice.
    assert len([part for _, part in links if part]) == 6 and len(links) == 12
    assert '<aside id="player"' in text and "<script>" in text


def test_a_file_that_vanished_has_its_curve_and_the_reason(make: Make) -> None:
    text = page_of(make())
    (card,) = [card for card in groups_of(read_outputs("mine.0", "folder"))[0].cards if card.recording == "b"]
    assert card.strip is None and card.reason == "not a readable video (No such file or directory)"
    assert (
        'aria-label="No picture: not a readable video (No such file or directory). Class activation' in text
    )


def test_the_curve_of_a_segment(make: Make) -> None:
    outputs = make(suffix=".csv", proposals={"a film": [("cluster-01", 2.0, 6.0, 0.9)], "b": [], "c": []})
    (card,) = next(group.cards for group in groups_of(outputs) if group.cards)
    assert card.strip is None and card.address is None and card.reason is None and card.curve
    # From half its length before to half of it after: 0 to 8 s of 400 units.
    assert (card.curve.start, card.curve.width) == (100.0, 200.0)
    points = [tuple(map(float, point.split(","))) for point in card.curve.points.split()]
    assert points[0] == (0.0, 100.0) and points[-1] == (400.0, 100.0)
    # The CAS rises from 0 at 0.5 s to 1 at 9.5 s, where it fills nine tenths.
    for across, down in points[1:-1]:
        assert down == pytest.approx(100 - 90 * min(max((across / 50 - 0.5) / 9, 0), 1), abs=0.3)


def test_a_film_that_no_browser_plays_has_pictures_alone(make: Make) -> None:
    for path in (Path("videos/a film.mp4"), Path("../other/c.mp4")):
        path.rename(path.with_suffix(".avi"))
    outputs = make(suffix=".avi")
    (card,) = [card for card in groups_of(outputs)[0].cards if card.recording == "a film"]
    assert card.strip is not None and card.address is None
    text = page_of(outputs)
    assert 'class="play"' not in text and 'id="player"' not in text and "plays it" not in text
    assert "A film strip shows its frames from start to end." in text


def test_recordings_that_are_no_videos_do_not_play(make: Make) -> None:
    text = page_of(make(suffix=".npy"))
    assert 'class="play"' not in text and 'id="player"' not in text and "plays it" not in text
    assert "A curve is the class activation sequence" in text and "film strip" not in text
    assert "<svg" in text and 'class="strip"' in text


def test_a_recording_in_which_nothing_was_found_is_listed(make: Make) -> None:
    text = page_of(make())
    assert re.search(
        r"<h3>c</h3>\s*<p class=\"about\">0:10 · in <span [^>]*>cluster-01</span> · 0 segments of 0 proposals",
        text,
    )
    assert text.count("No segment: there is no proposal.") == 1
    assert "No segment reaches a score of 0.95." in page_of(
        read_outputs("mine.0", "folder"), ReportParams(dpi=50, segment_score=0.95)
    )


def test_failures_and_missing_streams_are_told(make: Make) -> None:
    text = page_of(make(failed={"d": "no frame", "e": "no video"}, missing={"flow": "no weights"}))
    assert "2 recordings failed:</strong>" in text
    assert re.search(r'<th scope="row">d</th><td>no frame</td>', text)
    assert "Without the stream flow</strong> (movement from picture to picture)" in text
    # It is so for nearly everybody: a note, and no alarm.
    assert "The reason: no weights.</li>" in text and text.count('<p class="warning">') == 1
    assert "failed:</strong>" not in page_of(make()) and "no frame" not in page_of(make())


@pytest.mark.parametrize("ignored", [0.0, 1.0])
def test_names_of_another_training_are_warned_of(make: Make, ignored: float) -> None:
    text = page_of(make(mapped=METRICS | {"names_ignored": ignored}))
    assert ("were not used:</strong>" in text) == bool(ignored)
    assert ("1 of 2 clusters has a name from" in text) != bool(ignored)
    assert ("but for those that somebody named" in text) != bool(ignored)


def test_with_annotations_there_are_timelines_of_both_kinds(make: Make) -> None:
    outputs = make(annotations={"b": [{"label": "cluster-01", "segment": [1.0, 2.0]}]})
    write_json("results/mine/seed-0/evaluate/metrics.json", {"mAP/0.5": 0.5, "average_mAP": 0.5})
    assert list(sections_of(outputs)) == [
        "diagnosis",
        "timelines",
        "segments",
        "recordings",
        "listing",
        "clusters",
        "number",
        "training",
        "setup",
        "terms",
    ]
    text = page_of(read_outputs("mine.0", "folder"))
    assert "The recordings that are scored were trained on" in text
    assert "hcutal names" not in text and "not evaluated" not in text


def test_weakly_supervised_classes_are_no_clusters(make: Make) -> None:
    make(annotations={"b": [{"label": "cluster-01", "segment": [1.0, 2.0]}]})
    write_json("resolved.json", {"runs": {"mine": {"0": {"train": {"supervision": "weak"}}}}})
    groups = groups_of(read_outputs("mine.0", "folder"))
    assert [(group.label, group.clusters, group.recordings) for group in groups] == [
        ("cluster-01", [], []),
        ("wave & <bow>", [], []),
    ]
    assert not re.search(r"· in (<span[^>]*>)?cluster-01", page_of(read_outputs("mine.0", "folder")))


def test_all_recordings_are_listed_also_those_without_a_timeline(make: Make) -> None:
    rows = sections_of(make(), ReportParams(played=2))["listing"].values["rows"]
    assert [(row.name, row.clusters, row.segments, row.best, row.anchor) for row in rows] == [
        ("a film", [NAMES[0]], 2, 0.9, "recording-1"),
        ("b", [NAMES[0]], 1, 0.6, None),
        ("c", [NAMES[1]], 0, None, "recording-2"),
    ]
    assert [row.seconds for row in rows] == [10.0] * 3
    # The number of the label, start and length in hundredths of a second, to the base 36.
    assert [[int(part, 36) for part in row.line.replace(" ", ".").split(".") if part] for row in rows] == [
        [1, 200, 200, 0, 600, 100],
        [1, 100, 150],
        [],
    ]


def test_what_a_script_needs_to_name_and_mark_stands_in_the_page(make: Make) -> None:
    text = page_of(make(mapped=METRICS))
    (found,) = re.findall(r'<script type="application/json" id="labelling">(.*?)</script>', text)
    about = json.loads(found)
    assert about["files"] == {
        "names": "labels/mine.0.csv",
        "marks": "labels/mine.0.marks.csv",
        "dropped": "labels/mine.0.dropped.csv",
    }
    assert [(row["cluster"], row["called"]) for row in about["clusters"]] == [(0, NAMES[0]), (1, NAMES[1])]
    assert about["labels"] == {NAMES[0]: [0], NAMES[1]: [1]}
    assert "<bow>" not in found
    parts = [
        attributes["data-part"] for _, attributes in Structure(text).elements if "data-part" in attributes
    ]
    # Two cards and two bars of the first film, a card and a bar of b.
    assert sorted(parts) == ["1.00,2.50"] * 2 + ["2.00,4.00"] * 2 + ["6.00,7.00"] * 2


def test_two_clusters_may_share_a_name(make: Make) -> None:
    proposals = {"a film": [("wave", 2.0, 4.0, 0.9)], "b": [("wave", 1.0, 2.0, 0.5)], "c": []}
    (group,) = groups_of(make(names={0: "wave", 1: "wave"}, proposals=proposals))
    assert (group.clusters, group.recordings) == ([0, 1], ["a film", "b", "c"])
    assert "clusters 0, 1 · 3 recordings · 2 segments" in page_of(read_outputs("mine.0", "folder"))


def test_many_classes_get_fewer_segments_each(make: Make) -> None:
    outputs = make()
    cards: list[Card] = [
        card for group in groups_of(outputs, ReportParams(strips=2, dpi=50)) for card in group.cards
    ]
    assert [card.recording for card in cards] == ["a film", "a film"]
    recordings = sections_of(outputs, ReportParams(played=2))["recordings"]
    assert [part.name for part in recordings.values["played"]] == ["a film", "c"]


def test_the_same_inputs_give_the_same_bytes(make: Make) -> None:
    assert page_of(make()) == page_of(read_outputs("mine.0", "folder"))


def test_cards_and_timelines_of_sensors_show_what_was_recorded(make: Make, tmp_path: Path) -> None:
    make(".npy", proposals=dict.fromkeys(("a film", "b"), PROPOSALS["a film"]))
    for place in ("project/videos/a film.npy", "other/c.npy"):
        np.save(tmp_path / place, np.random.default_rng(0).normal(size=(250, 3)))
    sidecar = read_json("features/folder/features.json")
    recipe = Recipe("vectors", {"fps": 25.0})
    write_json(
        "features/folder/features.json",
        {**sidecar, "extractor": "vectors", "settings": {"params": recipe.recorded()}},
    )
    outputs = read_outputs("mine.0", "folder")
    page = Structure(page_of(outputs))
    bands = [one for one in page.all("path") if one.get("class") == "band"]
    cards = [card for group in groups_of(outputs) for card in group.cards]
    assert {card.recording for card in cards} == {"a film", "b"}
    for card in cards:
        assert (card.signals is not None) == (card.recording == "a film")
        assert (card.reason is not None) == (card.recording == "b") and card.curve is not None
    # Three columns in each card and in the timeline of the recording that is there.
    shown = [card for card in cards if card.signals]
    assert len(bands) == 3 * (len(shown) + 1)
    assert len({one.get("fill") for one in bands}) == 3
    assert page_of(outputs).count("no signal") > len(cards) - len(shown)


def test_films_that_browsers_do_not_play_are_shown_by_their_previews(make: Make) -> None:
    make(".avi", proposals=dict.fromkeys(("a film", "b"), PROPOSALS["a film"]))
    resolved = read_json("resolved.json")
    resolved["runs"]["mine"]["0"]["report"] = {"previews": True}
    write_json("resolved.json", resolved)
    said = {"previews": {"a film": "a film.mp4"}, "failed": {"b": "no frame can be decoded"}}
    write_json("previews/folder/previews.json", said)
    outputs = read_outputs("mine.0", "folder")
    text = page_of(outputs)
    links = [one for one in Structure(text).all("a") if one.get("class") == "play"]
    places = {str(one["href"]).partition("#")[0] for one in links}
    assert places == {"../../../../previews/folder/a%20film.mp4"}
    # A card, a bar and the link of the recording lead to it; what is to be opened by another player is the film.
    assert len(links) > len(PROPOSALS["a film"]) and all(
        str(one["data-path"]).endswith(".avi") for one in links
    )
    assert "#t=2.00,4.00" in text and "small copies without sound" in text
    assert "no preview: no frame can be decoded" in text
    cards = [card for group in groups_of(outputs) for card in group.cards]
    assert {card.recording: card.address is not None for card in cards} == {"a film": True, "b": False}
    listed = sections_of(outputs)["listing"].values["rows"]
    assert {row.name for row in listed if row.address} == {"a film"}


def test_an_estimate_that_all_draws_share_has_no_span() -> None:
    values = {f"estimated_clusters/{name}": 3.0 for name in ("fewest", "most", "stable")}
    outputs: Any = SimpleNamespace(metrics={"train": values | {"estimated_clusters": 3.0}})
    assert _estimate(outputs) == "estimated, 3 in all draws"
