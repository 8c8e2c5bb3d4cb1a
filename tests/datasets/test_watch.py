import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcutal.data.annotations import read_annotations
from hcutal.datasets import watch
from hcutal.errors import HcutalError
from hcutal.params.section import validate
from hcutal.params.watch import WatchPrepare

SMALL = WatchPrepare(train_recordings=14, test_recordings=6)


@pytest.fixture(scope="module")
def series() -> list[watch.Series]:
    return watch.read_series()


def made_up(exercises: tuple[str, ...] = ("PEN", "ABD", "ROW"), people: int = 4) -> list[watch.Series]:
    """Every sample names its series and place: (exercise, person, side, 0, 0, place)."""
    return [
        watch.Series(
            name, person, side, np.array([[e, person, side, 0, 0, i] for i in range(500)], np.float32)
        )
        for e, name in enumerate(exercises)
        for person in range(people)
        for side in (0, 1)
    ]


def test_the_data_are_those_that_the_package_describes(series: list[watch.Series]) -> None:
    assert len(series) == 140
    assert {item.exercise for item in series} == {"PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"}
    assert {item.person for item in series} == set(range(1, 11))
    assert all(item.samples.shape[1] == 6 and item.samples.dtype == np.float32 for item in series)
    assert sum(len(item.samples) for item in series) / watch.RATE / 60 == pytest.approx(81.4, abs=0.1)


def test_every_sample_is_cut_from_one_person_and_side() -> None:
    params = WatchPrepare(train_recordings=9, test_recordings=4, two_class_share=0.5)
    people: dict[str, set[float]] = {"train": set(), "test": set()}
    for name, item in watch.arrange(made_up(), params).items():
        assert len(np.unique(item.samples[:, 1:3], axis=0)) == 1
        people[name.split("_")[1]].add(float(item.samples[0, 1]))
        expected = np.zeros(len(item.samples))
        for start, end, exercise in item.bouts:
            first, last = round(start * watch.RATE), round(end * watch.RATE)
            expected[first:last] = ("PEN", "ABD", "ROW").index(exercise)
            assert (np.diff(item.samples[first:last, 5]) == 1).all()
        np.testing.assert_array_equal(item.samples[:, 0], expected)
    assert not people["train"] & people["test"]
    assert len(people["test"]) == 1


def test_lengths_counts_and_classes_are_as_asked(series: list[watch.Series]) -> None:
    recordings = watch.arrange(series, WatchPrepare(two_class_share=0.25))
    train = [item for name, item in recordings.items() if "train" in name]
    assert (len(train), len(recordings)) == (84, 120)
    lengths = [end - start for item in train for start, end, _ in item.bouts]
    assert 3.0 <= min(lengths) < 3.3 and 7.7 < max(lengths) <= 8.0
    gaps = [b[0] - a[1] for item in train for a, b in zip(item.bouts, item.bouts[1:], strict=False)]
    assert 2.0 <= min(gaps) < 2.3 and 7.7 < max(gaps) <= 8.0
    assert {len(item.bouts) for item in train} == set(range(4, 9))
    classes = [{exercise for *_, exercise in item.bouts} for item in train]
    assert sum(len(found) == 2 for found in classes) == 21
    assert set.union(*classes) == {"ABD", "FEL", "IR", "ER", "TRAP", "ROW"}


def test_a_background_exercise_is_never_a_class() -> None:
    params = WatchPrepare(train_recordings=6, test_recordings=2, background=["PEN", "ROW"])
    recordings = watch.arrange(made_up(("PEN", "ABD", "ROW", "IR")), params)
    assert {label for item in recordings.values() for *_, label in item.bouts} == {"ABD", "IR"}


@pytest.mark.parametrize("background", [["RUN"], ["PEN", "ABD"]])
def test_a_background_that_cannot_be(background: list[str]) -> None:
    with pytest.raises(HcutalError, match="expected some of ABD, PEN, ROW, leaving two or more"):
        watch.arrange(made_up(), WatchPrepare(background=background))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bout_seconds": [8.0, 3.0]}, "bout_seconds: found .*the lower first"),
        ({"bouts": [0, 3]}, "bouts: found .*two positive whole numbers"),
        ({"test_people": 1.0}, "test_people: found 1.0"),
        ({"people": 3}, "people: unknown key"),
    ],
)
def test_bad_parameters(values: dict, message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        validate(WatchPrepare, values, "params.yaml: prepare.watch")


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_prepare_writes_what_the_other_stages_read(tmp_path: Path) -> None:
    watch.prepare(tmp_path / "a", SMALL)
    watch.prepare(tmp_path / "b", SMALL)
    watch.prepare(tmp_path / "c", SMALL.model_copy(update={"seed": 1}))
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")

    annotations = read_annotations(tmp_path / "a" / "annotations.json")
    videos = pd.read_csv(tmp_path / "a" / "videos.csv")
    assert list(videos.columns) == ["video", "subset", "duration"]
    assert videos["video"].tolist()[:2] == ["watch_train_000", "watch_train_001"]
    assert videos["subset"].value_counts().to_dict() == {"train": 14, "test": 6}
    for video, _, duration in videos.itertuples(index=False):
        samples = np.load(tmp_path / "a" / "recordings" / f"{video}.npy")
        assert samples.shape == (round(duration * 50), 6)
    labels = json.loads((tmp_path / "a" / "labels.json").read_text())
    assert labels == annotations.labels()
    supervision = {
        path.stem: json.loads(path.read_text()) for path in (tmp_path / "a/supervision").glob("*.json")
    }
    assert supervision["unsupervised"] == {"supervision": "unsupervised", "labels": None}
    train = {video: found for video, found in labels.items() if "train" in video}
    for name in ("weak", "mapped"):
        assert supervision[name] == {"supervision": name, "labels": train}


def test_recordings_tell_no_label(tmp_path: Path) -> None:
    watch.prepare(tmp_path, SMALL)
    listed = {path.name for path in (tmp_path / "recordings").iterdir()}
    names = {f"watch_train_{i:03d}.npy" for i in range(14)} | {f"watch_test_{i:03d}.npy" for i in range(6)}
    assert listed == names | {"recordings.json"}
    assert json.loads((tmp_path / "recordings/recordings.json").read_text()) == {"rate": 50.0}


def test_another_file_or_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "seglearn"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('the package is not to be run')")
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: Spec([str(package)]))
    with pytest.raises(HcutalError, match=r"watch_dataset\.npy: no such file; install seglearn==1\.2\.5"):
        watch.read_series()
    (package / "data/watch_dataset.npy").write_bytes(b"another")
    with pytest.raises(HcutalError, match=r"sha256 is .*; expected eb122f23"):
        watch.read_series()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(HcutalError, match="package seglearn is missing; install seglearn==1"):
        watch.read_series()


class Spec:
    def __init__(self, locations: list[str]) -> None:
        self.submodule_search_locations = locations
