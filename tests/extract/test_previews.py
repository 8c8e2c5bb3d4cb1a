"""Previews of many films: made where they are needed, once, and never the end of a run."""

from fractions import Fraction
from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.extract import previews
from hcutal.extract.previews import FilmToShow, read_previews, write_previews
from hcutal.extract.video.browsers import browsers_play
from hcutal.files import content_digest, write_json
from hcutal.params.recordings import PreviewParams
from tests.extract.video.videos import numbered, write_video

IMAGES = [numbered(index) for index in range(10)]
PARAMS = PreviewParams(workers=1)


def films(folder: Path) -> dict[str, FilmToShow]:
    """One that browsers play, two that they do not, one that cannot be read, and no film."""
    write_video(folder / "plays.mp4", IMAGES)
    write_video(folder / "50% #1.avi", IMAGES, codec="mpeg4", tick=Fraction(1, 25))
    write_video(folder / "new.mp4", IMAGES[::-1], codec="mpeg4", tick=Fraction(1, 25))
    (folder / "broken.avi").write_bytes(b"no film")
    (folder / "sensor.csv").write_text("x\n1\n")
    return {path.stem: FilmToShow(path, content_digest(path)) for path in sorted(folder.iterdir())}


def made(cache: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in cache.glob("*/*")}


@pytest.mark.parametrize("workers", [1, 2])
def test_films_that_browsers_do_not_play_get_a_preview_and_broken_ones_a_reason(
    tmp_path: Path, workers: int
) -> None:
    (tmp_path / "films").mkdir()
    shown, target = films(tmp_path / "films"), tmp_path / "previews"
    write_previews(target, shown, PreviewParams(workers=workers), tmp_path / "cache" / "key")
    found = read_previews(target)
    assert set(found.files) == {"50% #1", "new"}
    assert all(browsers_play(path) for path in found.files.values())
    assert set(found.failed) == {"broken"} and found.failed["broken"].startswith("not a readable video")
    assert {path.name for path in target.iterdir()} == {"previews.json", "50% #1.mp4", "new.mp4"}


def test_a_new_film_makes_one_preview_and_one_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    shown, cache = films(tmp_path / "films"), tmp_path / "cache"
    first = {name: film for name, film in shown.items() if name != "new"}
    write_previews(tmp_path / "out", first, PARAMS, cache / "key")
    before = made(cache)
    write_previews(tmp_path / "out", shown, PARAMS, cache / "key")
    after = made(cache)
    assert len(before) == 1 and len(after) == 2 and before.items() <= after.items()
    write_previews(tmp_path / "out", {"new": shown["new"]}, PARAMS, cache / "key")
    assert made(cache).keys() == after.keys() - before.keys()
    assert set(read_previews(tmp_path / "out").files) == {"new"}
    # Made in another way: the old ones go where nobody is to find them later.
    write_previews(tmp_path / "out", {"new": shown["new"]}, PARAMS, cache / "other")
    assert [path.name for path in cache.iterdir()] == ["other"]
    write_previews(tmp_path / "out", first, PARAMS, cache / "other", days=30)
    assert len(made(cache)) == 2


def test_an_encoder_that_fails_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "films").mkdir()
    shown = films(tmp_path / "films")

    def fail(path: Path, target: Path, *more: object) -> None:
        target.write_bytes(b"half")
        raise RuntimeError("out of luck")

    monkeypatch.setattr(previews, "write_preview", fail)
    write_previews(tmp_path / "out", shown, PARAMS, tmp_path / "cache" / "key")
    assert read_previews(tmp_path / "out").failed["new"] == "RuntimeError: out of luck"
    assert made(tmp_path / "cache") == {}


def test_a_malformed_list_is_named(tmp_path: Path) -> None:
    write_json(tmp_path / "previews.json", {"previews": []})
    with pytest.raises(HcutalError, match=r"previews\.json: no list of previews"):
        read_previews(tmp_path)
    with pytest.raises(HcutalError, match=r"previews\.json: no such file"):
        read_previews(tmp_path / "none")
