from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.extract.vectors import VectorExtractor
from hcutal.files import read_json, write_json
from hcutal.params.recordings import RecordingsFeatures
from hcutal.stages import features, prepare

TOP = {"segment": [0.5, 1.0], "label": "Top"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "mine"
    source.mkdir()
    for name, frames in (("a", 50), ("b", 75), ("c", 100)):
        np.save(source / f"{name}.npy", np.random.default_rng(frames).normal(size=(frames, 4)))
    (source / "broken.npy").write_text("nonsense")
    return source


def resolve(
    source: Path,
    annotations: str | None = None,
    dropped: str | None = None,
    taught: str | None = None,
    **options: Any,
) -> None:
    values = RecordingsFeatures(extractor="vectors", **options).model_dump(mode="json")
    section = {"annotations": annotations, "dropped": dropped, "taught": taught}
    entry = {"kind": "recordings", "source": str(source), "prepare": section, "features": values}
    write_json("resolved.json", {"datasets": {"own": entry}, "experiments": {}})


def subsets() -> dict[str, str]:
    table = pd.read_csv("data/own/videos.csv")
    return dict(zip(table["video"], table["subset"], strict=True))


def test_without_annotations_every_recording_is_trained_on_and_tested(folder: Path) -> None:
    resolve(folder, max_failed=0.5)
    prepare.run("own")
    assert set(subsets().values()) == {"both"}
    assert pd.read_csv("data/own/videos.csv")["duration"].tolist()[:2] == [2.0, 3.0]
    assert read_json("data/own/labels.json") == {"a": [], "b": [], "broken": [], "c": []}
    index = pd.read_csv("data/own/recordings/index.csv")
    assert index["path"].tolist()[0] == "mine/a.npy"
    features.run("own")
    sidecar = read_json("features/own/features.json")
    assert sidecar["lengths"] == {"a": 3, "b": 4, "c": 6}
    assert "broken.npy: not an npy file of numbers" in sidecar["failed"]["broken"]


def test_what_is_taught_reaches_supervision_weak_alone(folder: Path) -> None:
    resolve(folder)
    prepare.run("own")
    before = {path: path.read_bytes() for path in Path("data/own").rglob("*.*")}
    Path("labels").mkdir()
    Path("labels/t.csv").write_text("recording,label\nb,jump\na,run\na,jump\ngone,run\n")
    resolve(folder, taught="t.csv")
    prepare.run("own")
    changed = [path for path, content in before.items() if path.read_bytes() != content]
    assert changed == [Path("data/own/supervision/weak.json")]
    assert read_json(changed[0]) == {
        "supervision": "weak",
        "labels": {"a": ["jump", "run"], "b": ["jump"]},
        "partial": True,
    }


def test_dropped_recordings_are_left_out(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    Path("labels").mkdir()
    Path("labels/d.csv").write_text("recording\nb\nbroken\ngone\n")
    resolve(folder, dropped="d.csv")
    prepare.run("own")
    assert list(subsets()) == ["a", "c"]
    assert "d.csv: 2 both recorded and dropped; 2 only recorded (a, c); 1 only dropped (gone)" in caplog.text
    assert pd.read_csv("data/own/recordings/index.csv")["video"].tolist() == ["a", "c"]
    Path("labels/d.csv").write_text("recording\na\nb\nc\nbroken\n")
    with pytest.raises(HcutalError, match=r"labels/d\.csv: names all 4 recordings; expected one that stays"):
        prepare.run("own")


@pytest.mark.parametrize(("source", "own"), [("mine", "mine/a.npy"), ("../mine", "../mine/a.npy")])
def test_a_moved_project_reads_its_own_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, own: str
) -> None:
    project = tmp_path / "first/project"
    project.mkdir(parents=True)
    monkeypatch.chdir(project)
    Path(source).mkdir()
    for name in "abcd":
        np.save(f"{source}/{name}.npy", np.random.default_rng(0).normal(size=(50, 4)))
    resolve(Path(source))
    prepare.run("own")
    assert pd.read_csv("data/own/recordings/index.csv")["path"].tolist()[0] == own
    (tmp_path / "first").rename(tmp_path / "second")
    monkeypatch.chdir(tmp_path / "second/project")
    features.run("own")
    assert read_json("features/own/features.json")["failed"] == {}


def test_recordings_elsewhere_are_listed_by_their_place(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    resolve(folder)
    prepare.run("own")
    assert pd.read_csv("data/own/recordings/index.csv")["path"].tolist()[0] == str(folder / "a.npy")


def test_whatever_an_extractor_raises_does_not_stop_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    probe = VectorExtractor.probe

    def failing(self: VectorExtractor, path: Path) -> float:
        return probe(self, path) if path.stem != "b" else 1 / 0

    monkeypatch.setattr(VectorExtractor, "probe", failing)
    resolve(folder, max_failed=0.5)
    prepare.run("own")
    durations = pd.read_csv("data/own/videos.csv").set_index("video")["duration"]
    assert durations.isna().to_dict() == {"a": False, "b": True, "broken": True, "c": False}
    assert "b.npy: ZeroDivisionError: division by zero" in caplog.text


def annotate(**entries: tuple[str, list[Any]]) -> str:
    database = {
        video: {"subset": subset, "duration": 2.0, "annotations": rows}
        for video, (subset, rows) in entries.items()
    }
    write_json("labels/gt.json", {"database": database})
    return "gt.json"


def test_annotations_decide_who_is_tested(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    resolve(folder, annotate(a=("test", [TOP]), b=("train", [TOP]), elsewhere=("test", [TOP])))
    prepare.run("own")
    assert subsets() == {"a": "test", "b": "train", "broken": "train", "c": "train"}
    assert "2 both recorded and annotated; 2 only recorded (broken, c); 1 only annotated" in caplog.text
    assert read_json("data/own/supervision/weak.json")["labels"] == {"b": ["Top"], "broken": [], "c": []}
    assert read_json("data/own/labels.json")["a"] == ["Top"]


def test_one_subset_alone_tells_nobody_apart(folder: Path) -> None:
    long = {"segment": [0.0, 2.9], "label": "Top"}
    resolve(folder, annotate(a=("training", [long]), c=("training", [TOP])))
    prepare.run("own")
    assert set(subsets().values()) == {"both"}
    # An end that is rounded changes no duration.
    assert pd.read_csv("data/own/videos.csv")["duration"].tolist()[0] == 2.0
    assert read_json("data/own/annotations.json")["database"]["a"]["duration"] == 2.0


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ({"a": [0, 50], "c": [0, 60]}, "annotations end at 25 times the duration in 2 of 2 .*: frames"),
        ({"a": [0, 2], "c": [0, 5.5]}, "of 1 recordings end after them: c lasts 4 s, annotated to 5.5 s"),
    ],
)
def test_a_duration_is_not_stretched_to_fit_an_annotation(
    folder: Path, segments: dict[str, list[float]], message: str
) -> None:
    rows = {
        name: {"subset": "test", "annotations": [{"segment": segment, "label": "Top"}]}
        for name, segment in segments.items()
    }
    write_json("labels/gt.json", {"database": rows})
    resolve(folder, "gt.json")
    with pytest.raises(HcutalError, match=message):
        prepare.run("own")


def test_annotations_of_other_recordings_are_refused(folder: Path) -> None:
    resolve(folder, annotate(v_1=("test", [TOP])))
    with pytest.raises(HcutalError, match=r"gt\.json: none of its videos .*'v_1', the first recording 'a'"):
        prepare.run("own")
    assert not Path("data").exists()
