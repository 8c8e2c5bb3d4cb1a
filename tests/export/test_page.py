"""The page: every recording, its segments in clock time, and the film where a browser can play it."""

import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from hcutal.export.page import Shown, video_address, write_recordings_page
from hcutal.export.recording import Recording
from tests.report.test_page import Structure

COLOURS = {"jump": "#112233", "run & <walk>": "#445566"}


def shown(recording: Recording) -> Shown:
    times = np.arange(0.5, recording.duration, 1.0)
    labels = dict.fromkeys(recording.segments["label"])
    curves = {label: np.linspace(0, 2, len(times)) for label in labels}
    return Shown(recording, np.array([*recording.segments["score"], 0.1]), times, curves)


def page(path: Path, *recordings: Recording, failed: dict[str, str] | None = None) -> str:
    parts = [shown(recording) for recording in recordings]
    write_recordings_page(path, "exp", parts, failed or {}, COLOURS, "all of them.")
    return path.read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_asks_nothing_of_the_network(
    recording: Recording, nothing: Recording, tmp_path: Path
) -> None:
    text = page(tmp_path / "out" / "timeline.html", recording, nothing, failed={"x.mp4": "no <video> stream"})
    structure = Structure(re.sub(r"<(line|rect|polygon)([^>]*)/>", r"<\1\2></\1>", text))
    anchors = {attributes["id"] for _, attributes in structure.elements if "id" in attributes}
    assert all(link["href"][1:] in anchors for link in structure.all("a"))
    assert len(structure.all("caption")) == len(structure.all("table")) == 2
    assert not re.search(r"https?://|@import|url\(", text)
    assert "run &amp; &lt;walk&gt;" in text and "run & <walk>" not in text
    assert "no &lt;video&gt; stream" in text


def test_segments_have_clock_times_and_jump(recording: Recording, tmp_path: Path) -> None:
    text = page(tmp_path / "p.html", recording)
    assert re.findall(r'<button class="jump" data-at="([\d.]+)">([\d:.]+)</button>', text) == [
        ("0.0", "0:00.0"),
        ("1.0404", "0:01.0"),
        ("1.2", "0:01.2"),
        ("2.9", "0:02.9"),
        ("59.96", "1:00.0"),
    ]
    assert len(re.findall(r'<rect [^>]*class="jump" data-at=', text)) == 5
    assert "1:10.0 · 5 segments of 6 proposals" in text


def test_the_film_stays_where_it_is(recording: Recording, tmp_path: Path) -> None:
    text = page(tmp_path / "out" / "deep" / "p.html", recording)
    (address,) = re.findall(r'<video src="([^"]+)"', text)
    assert address == "../../videos/a%20film%2C%202.mp4"
    assert (tmp_path / "out" / "deep" / unquote(address)).resolve() == recording.media


@pytest.mark.parametrize("name", ["a.avi", "a.npy", None])
def test_without_a_film_that_browsers_play_nothing_jumps(
    recording: Recording, tmp_path: Path, name: str | None
) -> None:
    media = None if name is None else tmp_path / name
    other = Recording("b", media, recording.duration, 25.0, recording.segments)
    text = page(tmp_path / "p.html", other)
    assert "<video" not in text and "<script" not in text and 'class="jump"' not in text
    assert "A click on a segment" not in text
    assert video_address(media, tmp_path) is None


def test_a_recording_without_segments_says_what_the_best_was(nothing: Recording, tmp_path: Path) -> None:
    assert "No segment: the best proposal has a score of 0.10." in page(tmp_path / "p.html", nothing)
    write_recordings_page(
        tmp_path / "q.html", "exp", [Shown(nothing, np.zeros(0), np.zeros(0), {})], {}, {}, "."
    )
    assert "No segment: there is no proposal." in (tmp_path / "q.html").read_text()
