"""The stage of previews: which films it makes small, from what, and where the page of a run finds them."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.extract.video.container import probe
from hcutal.files import read_json, write_json
from hcutal.report.sections.segments_section import make_strips
from hcutal.stages.previews import run
from hcutal.tables import write_table
from tests.extract.video.videos import number_of, numbered, write_video

# Of an extractor that has a section of its own.
NONE: dict[str, float] = {}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("films").mkdir()
    images = [numbered(index) for index in range(10)]
    write_video(Path("films/a.avi"), images, codec="mpeg4", tick=Fraction(1, 25))
    write_video(Path("films/b.mp4"), images)
    paths = {"a": "films/a.avi", "b": "films/b.mp4", "gone": "films/gone.avi"}
    rows = [{"video": name, "path": path, "content": f"digest-{name}"} for name, path in paths.items()]
    write_table("data/mine/recordings/index.csv", rows, ["video", "path", "content"])
    write_settings(kbit=100, workers=1)
    return tmp_path


def write_settings(options: dict[str, float] = NONE, **previews: float) -> None:
    values = {
        "prepare": {"previews": previews},
        "features": {"i3d": {"picture_rate": None}, "options": options},
    }
    write_json("resolved.json", {"datasets": {"mine": values}})


def cached() -> list[Path]:
    return sorted(Path(".hcutal/previews/mine").glob("*/*"))


def test_films_become_small_ones_and_what_is_gone_has_a_reason(project: Path) -> None:
    run("mine")
    found = read_json("previews/mine/previews.json")
    assert found["previews"] == {"a": "a.mp4"} and (project / "previews/mine/a.mp4").is_file()
    assert list(found["failed"]) == ["gone"]


def test_what_was_made_in_the_same_way_is_taken_from_the_cache(project: Path) -> None:
    run("mine")
    (first,) = cached()
    before = first.stat().st_ino
    # How many work side by side changes nothing.
    write_settings(kbit=100, workers=2)
    run("mine")
    assert [path.stat().st_ino for path in cached()] == [before]
    write_settings(kbit=150, workers=1)
    run("mine")
    (other,) = cached()
    assert other.parent != first.parent


def test_pictures_are_shown_at_the_rate_that_the_extractor_has(project: Path) -> None:
    Path("films/walk").mkdir()
    for number in range(8):
        cv2.imwrite(f"films/walk/{number}.png", numbered(number))
    rows = [{"video": "walk", "path": "films/walk", "content": "digest-walk"}]
    write_table("data/mine/recordings/index.csv", rows, ["video", "path", "content"])
    write_settings({"picture_rate": 4.0, "batch": 2}, kbit=100, workers=1)
    run("mine")
    assert probe(Path("previews/mine/walk.mp4")) == pytest.approx(2.0)
    strips, reasons = make_strips(
        {"walk": Path("films/walk")},
        pd.DataFrame({"video": ["walk"], "start": [1.0], "end": [1.75]}),
        {"walk": Path("previews/mine/walk.mp4")},
    )
    assert list(strips) == [0] and reasons == {}
    strip = cv2.imdecode(np.frombuffer(strips[0].jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    assert [number_of(np.ascontiguousarray(part)) for part in np.split(strip, 3, axis=1)] == [4, 5, 6]


def test_every_parameter_but_the_number_of_workers_changes_the_small_films(project: Path) -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (192, 256, 3), dtype=np.uint8) for _ in range(30)]
    write_video(Path("films/a.avi"), noise, codec="mjpeg", pix_fmt="yuvj420p", tick=Fraction(1, 25))
    made = []
    for change in ({}, {"workers": 2}, {"shorter": 96}, {"fps": 10.0}, {"kbit": 60}):
        write_settings(**{"kbit": 100, "workers": 1, **change})
        run("mine")
        made.append(Path("previews/mine/a.mp4").read_bytes())
    assert made[0] == made[1] and len(set(made)) == 4


def test_a_bad_parameter_is_named(project: Path) -> None:
    write_settings(shorter=3)
    with pytest.raises(HcutalError, match=r"resolved\.json: datasets\.mine\.prepare\.previews\.shorter"):
        run("mine")
