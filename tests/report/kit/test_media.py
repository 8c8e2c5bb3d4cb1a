"""Addresses of recordings: they lead from the page to the file."""

from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from hcutal.report.kit.media import address, fragment, playable_address

PAGE = Path("results/mine/seed-0/report")


def test_within_the_project_an_address_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = address(tmp_path / "videos" / "a film, 2?#.mp4", PAGE)
    assert found == "../../../../videos/a%20film%2C%202%3F%23.mp4"
    assert (tmp_path / PAGE / unquote(found)).resolve() == tmp_path / "videos" / "a film, 2?#.mp4"
    assert address(Path("videos/b.mp4"), PAGE) == "../../../../videos/b.mp4"
    assert address(Path("../films/b.mp4"), PAGE) == "../../../../../films/b.mp4"


def test_elsewhere_it_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    # A name that begins like the project's does not lie in it.
    media = tmp_path / "project films" / "ä.mp4"
    parsed = urlparse(address(media, PAGE))
    assert (parsed.scheme, unquote(parsed.path)) == ("file", str(media))


def test_beside_the_page_it_is_relative_wherever_both_are(tmp_path: Path) -> None:
    assert address(tmp_path / "out/previews/a 1.mp4", tmp_path / "out") == "previews/a%201.mp4"
    assert playable_address(Path("a.avi"), tmp_path, tmp_path / "a.mp4") == "a.mp4"


def test_a_part_is_given_in_seconds() -> None:
    assert fragment(1.0, 75.129) == "#t=1.00,75.13"


@pytest.mark.parametrize("name", ["a.mp4", "A.MOV", "a.webm"])
def test_what_browsers_play_has_an_address(name: str) -> None:
    assert playable_address(Path(name), PAGE) == f"../../../../{name}"


@pytest.mark.parametrize("name", ["a.avi", "a.mkv", "a.npy", "mp4", None])
def test_other_recordings_have_none(name: str | None) -> None:
    assert playable_address(None if name is None else Path(name), PAGE) is None
