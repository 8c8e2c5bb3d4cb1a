import json
from pathlib import Path

import pandas as pd
import pytest

from hcutal.pipeline.compare import compare, headline, show, write


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    values = {
        "a": {"dataset": "toy", "train": {"steps": 1, "batch": 4}},
        "b": {"dataset": "toy", "train": {"steps": 2, "batch": 4}},
        "unfinished": {"dataset": "toy", "train": {"steps": 3, "batch": 4}},
    }
    (tmp_path / "resolved.json").write_text(json.dumps({"experiments": values}))
    for name, score in (("a", 0.25), ("b", 0.5)):
        _write(tmp_path / "results" / name / "map/metrics.json", {"NMI": 0.75, "ARI": score, "clusters": 6})
        evaluated = {"average_mAP": score, "mAP/0.5": score, "mAP/0.3": 0.625, "chance/average_mAP": 0.125}
        evaluated |= {"mAP/0.5/low": score - 0.125, "mAP/0.5/high": score + 0.125}
        _write(tmp_path / "results" / name / "evaluate/metrics.json", evaluated)
    return tmp_path


def _write(path: Path, value: dict[str, float]) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(value))


def test_headline_has_chance_beside_the_average(project: Path) -> None:
    table = headline(["a", "b", "unfinished"])
    assert list(table.columns) == ["ARI", "NMI", "mAP/0.3", "mAP/0.5", "average_mAP", "chance/average_mAP"]
    assert list(table.index) == ["a", "b"]


def test_intervals_are_in_the_whole_table(project: Path) -> None:
    assert compare().loc["a", ["mAP/0.5/low", "mAP/0.5/high"]].tolist() == [0.125, 0.375]


def test_comparison_holds_the_differing_parameters_only(project: Path) -> None:
    table = compare()
    assert "train.steps" in table.columns
    assert not {"train.batch", "dataset"} & set(table.columns)
    assert table.loc["b", "train.steps"] == 2


def test_files_hold_what_is_returned(project: Path) -> None:
    table = write()
    read = pd.read_csv(project / "results/compare.csv", index_col="experiment")
    pd.testing.assert_frame_equal(read, table, check_dtype=False)
    text = (project / "results/compare.md").read_text()
    assert text == show(table) + "\n"
    assert "0.2500" in text


def test_nothing_to_compare_is_an_empty_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert headline(["a"]).empty
