"""What became of a folder of recordings is said file by file."""

from pathlib import Path

import pytest

from hcutal.files import content_digest, write_json
from hcutal.layout import DatasetFiles
from hcutal.pipeline.changed_folder import changed_text
from hcutal.pipeline.graph import WORDS
from hcutal.pipeline.outlook import plan_text
from hcutal.pipeline.plan import make_plan
from hcutal.tables import write_table
from tests.pipeline.test_plan import stage


@pytest.fixture(params=["relative", "absolute"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of three recordings that a data set `mine` was made of."""
    monkeypatch.chdir(tmp_path)
    source = Path("films") if request.param == "relative" else tmp_path / "films"
    (source / "day").mkdir(parents=True)
    for name in ("a.mp4", "b.mp4", "day/c.mp4"):
        (source / name).write_text(name)
    resolve(source)
    rows = [{"path": str(path), "content": content_digest(path)} for path in sorted(source.rglob("*.mp4"))]
    write_table(DatasetFiles.of("mine").recordings / "index.csv", rows, ["path", "content"])
    return source


def resolve(source: Path, **prepare: object) -> None:
    about = {"kind": "recordings", "source": str(source), "prepare": prepare}
    write_json("resolved.json", {"datasets": {"mine": about}})


def test_each_change_is_named(folder: Path) -> None:
    assert changed_text("mine") is None
    (folder / "day/c.mp4").rename(folder / "walk.mp4")
    (folder / "a.mp4").unlink()
    (folder / "b.mp4").write_text("another film")
    (folder / "new.mp4").write_text("new")
    (folder / "notes.txt").write_text("no recording")
    expected = "renamed: day/c.mp4 to walk.mp4; added: new.mp4; removed: a.mp4; other content: b.mp4"
    assert changed_text("mine") == expected
    steps = make_plan({"prepare@mine": stage("prepare@mine", why=WORDS["sources"])})
    assert f"  prepare@mine  runs  {expected}" in plan_text(steps)


def test_what_is_not_known_is_not_guessed(folder: Path) -> None:
    (folder / "a.mp4").unlink()
    assert changed_text("others") is None
    resolve(folder, dropped="mine.0.dropped.csv")
    assert changed_text("mine") is None
    resolve(folder)
    (DatasetFiles.of("mine").recordings / "index.csv").unlink()
    assert changed_text("mine") is None


def test_a_training_that_puts_names_out_of_use_is_announced(folder: Path) -> None:
    steps = make_plan({"train@mine.0": stage("train@mine.0", why="its code changed")})
    assert "names" not in plan_text(steps)
    Path("labels").mkdir()
    Path("labels/mine.0.csv").write_text("cluster,name\n0,jump\n")
    assert plan_text(steps).splitlines()[-1] == (
        "a new training makes new clusters, without names: labels/mine.0.csv will not be used "
        "(hcutal localize applies the present run to new recordings, without training)"
    )
