"""The page of new recordings: each with its segments in clock time, and the film where a browser can play it."""

import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from hcutal.report.kit.played import PlayedRecording, play
from hcutal.report.pages.localized_page import write_localized_page
from tests.report.structure import Structure

COLOURS = {"jump": "#112233", "run & <walk>": "#445566"}
COLUMNS = ["start", "end", "label", "score"]
# A class whose segments overlap, a name that HTML has to escape.
ROWS = [
    (0.0, 1.5, "jump", 0.25),
    (1.0404, 2.8, "jump", 0.875),
    (1.2, 3.21, "run & <walk>", 0.5),
    (2.9, 5.0, "jump", 0.125),
    (59.96, 61.0, "jump", 0.75),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the command is called; its page will be below `out`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def played(media: Path | None, rows: list[tuple[float, float, str, float]] = ROWS) -> PlayedRecording:
    """A recording of 70 s with one more proposal than segments."""
    segments = pd.DataFrame(rows, columns=COLUMNS)
    times = np.arange(0.5, 70.0, 1.0)
    curves = {label: np.linspace(0, 2, len(times)) for label in dict.fromkeys(segments["label"])}
    scores = np.array([*segments["score"], 0.1])
    name = "empty" if media is None else media.stem
    return play(name, media, Path("out"), 70.0, segments, scores, times, curves, COLOURS)


def page(*recordings: PlayedRecording, failed: dict[str, str] | None = None) -> str:
    write_localized_page(Path("out/p.html"), "exp", recordings, failed or {}, COLOURS, "all of them.")
    return Path("out/p.html").read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_asks_nothing_of_the_network(project: Path) -> None:
    text = page(
        played(project / "films" / "a film, 2.mp4"),
        played(None, []),
        failed={"x.mp4": "no <video> stream"},
    )
    structure = Structure(text)
    anchors = {attributes["id"] for _, attributes in structure.elements if "id" in attributes}
    plain = [link["href"] for link in structure.all("a") if link.get("class") != "play"]
    assert len(plain) == 4 and all(address[1:] in anchors for address in plain)
    assert len(structure.all("caption")) == len(structure.all("table")) == 2
    assert not re.search(r"https?://|@import|url\(", text)
    assert "run &amp; &lt;walk&gt;" in text and "run & <walk>" not in text
    assert "1 recording failed</strong> and appears nowhere else on this page" in text
    assert "no &lt;video&gt; stream" in text


def test_segments_have_clock_times_and_play(project: Path) -> None:
    text = page(played(project / "b.mp4"))
    found = re.findall(r'<td><a class="play" href="\.\./b\.mp4#t=([\d.,]+)"[^>]*>([\d:.]+)</a></td>', text)
    assert found == [
        ("0.00,1.50", "0:00.0"),
        ("1.04,2.80", "0:01.0"),
        ("1.20,3.21", "0:01.2"),
        ("2.90,5.00", "0:02.9"),
        ("59.96,61.00", "1:00.0"),
    ]
    # A bar and a row each, and the recording from its start.
    assert text.count('class="play"') == 11
    assert "1:10 · 5 segments of 6 proposals" in text
    assert "A click on a bar plays it</strong>." in text and '<aside id="player"' in text


def test_the_film_stays_where_it_is(project: Path) -> None:
    media = project / "films" / "a film, 2.mp4"
    media.parent.mkdir()
    media.write_bytes(b"film")
    (address,) = re.findall(r'<a class="play" href="([^"#]+)"', page(played(media)))
    assert address == "../films/a%20film%2C%202.mp4"
    assert (project / "out" / unquote(address)).resolve() == media


@pytest.mark.parametrize("name", ["a.avi", "a.npy", None])
def test_what_browsers_do_not_play_has_no_link(project: Path, name: str | None) -> None:
    text = page(played(None if name is None else project / name))
    assert "<video" not in text and "<script" not in text and 'class="play"' not in text
    assert "A click on a bar" not in text
    assert "<svg" in text and "0:02.9" in text


def test_it_says_so_when_only_some_play(project: Path) -> None:
    text = page(played(project / "a.avi"), played(project / "b.mp4"))
    assert "A click on a bar plays it</strong>, where browsers play its format." in text


def test_a_recording_without_segments_says_what_the_best_was(project: Path) -> None:
    assert "No segment: the best proposal has a score of 0.10." in page(played(None, []))
    nothing = play("n", None, Path("out"), 9.0, pd.DataFrame([], columns=COLUMNS), *[np.zeros(0)] * 2, {}, {})
    assert "No segment: there is no proposal." in page(nothing)
