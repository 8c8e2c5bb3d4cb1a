"""Experiments of suites are those of params.yaml where it has them, and are written into it where it has not."""

import shutil
from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.params.document import load
from hcutal.pipeline.suite_runs.suite_experiments import experiments_of, write_experiments

PARAMS = Path(__file__).resolve().parents[3] / "params.yaml"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(PARAMS, tmp_path)
    (tmp_path / "labels").mkdir()


def test_an_experiment_that_is_there_is_taken_and_shared() -> None:
    found = experiments_of(load(), ["table7", "table8"], "watch", "default", [0, 1])
    assert {variant: name for variant, (name, _) in found.items()} == {
        "full": "watch",
        **{
            variant: f"watch-{variant}"
            for variant in ("kmeans", "agglomerative", "spectral", "separated", "horizontal", "vertical")
        },
    }
    # Seeds that were there stay, and none is trained twice.
    assert found["full"][1].seeds == [0, 1, 2]
    assert found["kmeans"][1].seeds == [0, 1]


def test_what_is_new_is_written_and_the_rest_of_the_file_stays() -> None:
    before = Path("params.yaml").read_text().splitlines()
    found = experiments_of(load(), ["table8"], "watch", "default", [0, 3])
    assert write_experiments(found) == ["watch-horizontal", "watch-vertical", "watch"]
    after = Path("params.yaml").read_text().splitlines()
    changed = [line for line in after if line not in before]
    assert changed == [
        "  watch: {dataset: watch, preset: default, seeds: [0, 1, 2, 3], supervision: unsupervised}",
        "  watch-horizontal: {dataset: watch, preset: default, seeds: [0, 3], supervision: unsupervised, "
        "train: {video: {vertical: false}}}",
        "  watch-vertical: {dataset: watch, preset: default, seeds: [0, 3], supervision: unsupervised, "
        "train: {video: {horizontal: false}}}",
    ]
    assert len(after) == len(before) + 2
    again = experiments_of(load(), ["table8"], "watch", "default", [0, 3])
    assert write_experiments(again) == []
    assert Path("params.yaml").read_text().splitlines() == after


def test_another_preset_has_experiments_of_its_own() -> None:
    found = experiments_of(load(), ["table5"], "watch", "paper", [0])
    assert found["full"][0] == "watch-paper-full"


def test_names_that_are_taken_and_names_that_are_not_there() -> None:
    text = Path("params.yaml").read_text()
    other = "  watch-vertical: {dataset: simulated, supervision: unsupervised}\n"
    Path("params.yaml").write_text(text.rstrip("\n") + "\n" + other)
    with pytest.raises(
        HcutalError, match=r"experiments\.watch-vertical is not without the horizontal loss on watch"
    ):
        experiments_of(load(), ["table8"], "watch", "default", [0])
    with pytest.raises(HcutalError, match=r"no data set 'wach' in params.yaml; there is watch, simulated"):
        experiments_of(load(), ["table8"], "wach", "default", [0])
    with pytest.raises(HcutalError, match=r"no preset 'best' in params.yaml; there is default"):
        experiments_of(load(), ["table8"], "watch", "best", [0])
