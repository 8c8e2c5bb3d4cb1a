import os
from pathlib import Path

import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.extract.registry import Recipe
from hcutal.extract.vectors import VectorExtractor
from hcutal.files import write_json
from hcutal.params.document import load, resolve
from hcutal.pipeline.new_project import new_project

VECTORS = Recipe("vectors", {"fps": 10.0})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    for index in range(6):
        np.save(folder / f"r{index}.npy", np.zeros((300 + 100 * index, 2)))
    return folder


def test_a_project_is_whole_and_fits_what_was_found(source: Path, tmp_path: Path) -> None:
    (source / "broken.npy").write_text("nonsense")
    found = new_project(tmp_path / "project", source, None, None, VECTORS).found
    assert (found.recordings, found.seconds, len(found.unreadable)) == (6, 330.0, 1)
    project = tmp_path / "project"
    document = load(project / "params.yaml")
    values = resolve(document, labels=project / "labels")
    train = values["experiments"]["recordings"]["train"]
    assert train["snippets"] == {"quantile": 0.9, "part": 0.5, "most": 750}
    assert train["video"]["clusters"] == {
        "estimate": {"neighbours": 5, "most": 16, "draws": 12, "steps": 200}
    }
    assert values["datasets"]["recordings"]["features"]["vectors"]["fps"] == 10.0
    # One of seven is unreadable: 14.3 %, and 10 % more may fail.
    assert values["datasets"]["recordings"]["features"]["max_failed"] == 0.25
    assert list(document.datasets) == list(document.experiments) == ["recordings"]
    names = {path.name for path in project.iterdir()}
    assert {
        "Snakefile",
        "workflow",
        "dvc.yaml",
        "params.yaml",
        "params.schema.json",
        "labels",
        ".gitignore",
        ".dvc",
        ".git",
    } <= names
    assert "; trial" in (project / "params.yaml").read_text()


def test_one_bad_recording_never_stops_it(
    source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = (source / "r0.npy").read_bytes()
    (source / "empty.npy").touch()
    (source / "cut.npy").write_bytes(good[:500])
    (source / "head.npy").write_bytes(good[:20])
    (source / "locked.npy").touch(mode=0)
    (source / "words.csv").write_bytes(b"\xff\xfe")
    # What is called like a recording and is no file is none.
    (source / "folder.npy").mkdir()
    (source / "gone.npy").symlink_to("nowhere.npy")
    (source / "loop.npy").symlink_to("loop.npy")
    os.mkfifo(source / "pipe.npy")
    Path(os.fsdecode(os.fsencode(source) + b"/\xff.npy")).write_bytes(good)
    found = new_project(tmp_path / "project", source, None, None, VECTORS).found
    assert found.recordings == 6
    assert sorted(Path(reason.partition(": ")[0]).name for reason in found.unreadable) == [
        "cut.npy",
        "empty.npy",
        "head.npy",
        "locked.npy",
        "words.csv",
    ]
    assert "is left out: its name is not valid UTF-8" in caplog.text


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0, 0.0])
def test_a_duration_that_is_none_is_a_bad_recording(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    probe = VectorExtractor.probe
    monkeypatch.setattr(
        VectorExtractor, "probe", lambda self, path: seconds if path.stem == "r3" else probe(self, path)
    )
    found = new_project(tmp_path / "project", source, None, None, VECTORS).found
    assert found.recordings == 5
    assert found.unreadable == [f"{source / 'r3.npy'}: lasts {seconds:g} s; expected more than 0"]


def test_annotations_come_along_and_give_the_number_of_clusters(source: Path, tmp_path: Path) -> None:
    rows = [{"segment": [0, 1], "label": label} for label in ("sit", "stand", "walk")]
    write_json(tmp_path / "gt.json", {"database": {"r0": {"subset": "train", "annotations": rows}}})
    new_project(tmp_path / "project", source, tmp_path / "gt.json", None, VECTORS)
    values = resolve(load(tmp_path / "project/params.yaml"), labels=tmp_path / "project/labels")
    assert values["experiments"]["recordings"]["train"]["video"]["clusters"] == 3
    assert values["datasets"]["recordings"]["prepare"]["annotations"] == "gt.json"


def test_nothing_is_left_where_it_cannot_work(source: Path, tmp_path: Path) -> None:
    rows = [{"segment": [0, 1], "label": "sit"}]
    write_json(tmp_path / "gt.json", {"database": {"v1": {"subset": "train", "annotations": rows}}})
    with pytest.raises(HcutalError, match=r"gt\.json: no instance in any of the recordings"):
        new_project(tmp_path / "project", source, tmp_path / "gt.json", None, VECTORS)
    with pytest.raises(HcutalError, match=r"extractor vectors\.fps: found -1"):
        new_project(tmp_path / "project", source, None, None, Recipe("vectors", {"fps": -1.0}))
    for index in range(3):
        (source / f"r{index}.npy").write_text("nonsense")
        np.save(source / f"r{index + 3}.npy", np.zeros((60, 2)))
    with pytest.raises(
        HcutalError,
        match=r"3 recordings of 18 s can be read; expected 4 or more, or longer ones(.|\n)*r0\.npy: not an npy",
    ):
        new_project(tmp_path / "project", source, None, None, VECTORS)
    with pytest.raises(HcutalError, match=r"3 recordings can be read; expected 4 or more, or pieces"):
        new_project(tmp_path / "project", source, None, None, VECTORS, pieces=None)
    with pytest.raises(
        HcutalError, match=r"--pieces: found 7; expected .* less than the longest recording, 6 s"
    ):
        new_project(tmp_path / "project", source, None, None, VECTORS, pieces=7.0)
    for index in range(4):
        (source / f"r{index}.npy").unlink()
    (source / "r4.npy").unlink()
    with pytest.raises(
        HcutalError, match=r"one recording can be read; expected 2 or more: groups are found by"
    ):
        new_project(tmp_path / "project", source, None, None, VECTORS)
    assert not (tmp_path / "project").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    with pytest.raises(HcutalError, match=r"full: exists already and is not empty"):
        new_project(tmp_path / "full", source, None, None, VECTORS)
