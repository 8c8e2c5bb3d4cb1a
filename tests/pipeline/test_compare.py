"""Experiments side by side: which are shown, in which order, what is noise, and where parameters differ."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.evaluate.over_seeds import measured_table, write_measured
from hcutal.layout import RunPaths, SummaryPaths
from hcutal.pipeline.compare import (
    compare,
    compare_two,
    differing,
    ordered,
    show,
    show_differing,
    summarised,
    write,
)

EVALUATE = {"subset": "test", "tiou": [0.5], "bootstrap": {"draws": 4, "seed": 0, "level": 0.9}}
# How far each of four draws of recordings lies from the value on all of them.
OFF = np.array([-0.2, -0.1, 0.1, 0.2])


def entry(dataset: str, steps: int, seeds: list[int], **evaluate: Any) -> dict[str, Any]:
    train = {"steps": steps, "batch": 4}
    return {"dataset": dataset, "seeds": seeds, "train": train, "evaluate": EVALUATE | evaluate, "map": {}}


VALUES = {
    "a": entry("toy", 1, [0, 1]),
    "a-long": entry("toy", 2, [0, 1]),
    "far": entry("toy", 1, [1]),
    "other": entry("films", 1, [0]),
    "unfinished": entry("toy", 3, [0]),
}
SCORES = {"a": {0: 0.5, 1: 0.75}, "a-long": {0: 0.625, 1: 0.6875}, "far": {1: 0.1875}, "other": {0: 0.5}}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resolved.json").write_text(json.dumps({"experiments": VALUES}))
    for name, scores in SCORES.items():
        for seed, score in scores.items():
            files = RunPaths.of(f"{name}.{seed}")
            write_measured(files.draws("map"), measured_table({"NMI": 0.75, "ARI": score}, {}))
            # The draws of `a` move with those of `a-long`.
            table = measured_table({"average_mAP": score}, {"average_mAP": score + OFF})
            write_measured(files.draws("evaluate"), table)
        mean = float(np.mean(list(scores.values())))
        sd = float(np.std(list(scores.values()), ddof=1)) if len(scores) > 1 else None
        metrics = {
            "seeds": len(scores),
            "average_mAP": mean,
            "average_mAP/sd": sd,
            "ARI": mean,
            "mAP/0.5": mean,
        }
        path = SummaryPaths.of(name).metrics
        path.parent.mkdir(parents=True)
        path.write_text(
            json.dumps(metrics | {"average_mAP/low": mean - 0.125, "average_mAP/high": mean + 0.125})
        )
    return tmp_path


def names(*arguments: Any, by: str = "average_mAP") -> list[str]:
    return [each.name for each in ordered(summarised(*arguments), by)]


def test_experiments_are_chosen_by_data_set_and_name_and_stand_together_by_data_set() -> None:
    assert names() == ["other", "a-long", "a", "far"]
    assert names(["toy"]) == ["a-long", "a", "far"]
    assert names([], ["a*"], by="name") == ["a", "a-long"]
    with pytest.raises(HcutalError, match="no experiment on a data set 'tay'; there is films, toy"):
        summarised(["tay"])
    with pytest.raises(HcutalError, match=r"no experiment is called 'x\*'; there is a, a-long, far"):
        summarised([], ["x*"])


def test_a_difference_is_that_of_the_recordings_and_seeds_that_both_have() -> None:
    by_name = {each.name: each for each in summarised()}
    found = compare_two(by_name["a"], by_name["a-long"], "average_mAP")
    assert found is not None
    # The draws of the recordings move both alike: what is left are the seeds, -0.125 and 0.0625.
    assert (found.value, found.seeds) == (-0.03125, [0, 1])
    assert found.low >= -0.125 - 1e-12 and found.high <= 0.0625 + 1e-12
    assert found.is_noise
    far = compare_two(by_name["far"], by_name["a-long"], "average_mAP")
    assert far is not None
    # On the one seed that both have; no draw moves the difference.
    assert (far.value, far.seeds, far.is_noise) == (-0.5, [1], False)
    assert compare_two(by_name["other"], by_name["a"], "average_mAP") is None


def test_other_thresholds_or_draws_are_not_compared(project: Path) -> None:
    values = VALUES | {"far": entry("toy", 1, [1], tiou=[0.1])}
    (project / "resolved.json").write_text(json.dumps({"experiments": values}))
    by_name = {each.name: each for each in summarised()}
    assert compare_two(by_name["far"], by_name["a"], "average_mAP") is None


def test_the_table_has_a_row_an_experiment_and_marks_noise() -> None:
    text = show(ordered(summarised(["toy"])))
    rows = {row.split("|")[1].strip(): row for row in text.splitlines() if row.startswith("| ")}
    assert list(rows) == ["experiment", "a-long", "a", "far"]
    assert "against a-long" in rows["experiment"] and "NMI" not in rows["experiment"]
    assert "0.656 ± 0.044 [0.531, 0.781]" in rows["a-long"]
    assert "| 0 1 " in rows["a"] and "-0.031 [" in rows["a"] and "within noise" in rows["a"]
    # One seed has no spread, and is not called one without.
    assert "0.188 [0.062, 0.312]" in rows["far"] and "±" not in rows["far"]
    assert "-0.500 [-0.500, -0.500], on seed 1" in rows["far"] and "noise" not in rows["far"]


def test_what_nobody_annotated_is_said_to_be_not_evaluated(project: Path) -> None:
    SummaryPaths.of("other").metrics.write_text('{"seeds": 1}')
    text = show(summarised(["films"]))
    assert "| other" in text and text.endswith("not evaluated: no annotations")


def test_only_parameters_that_differ_are_shown() -> None:
    text = show_differing(ordered(summarised(["toy"])))
    assert "train.steps" in text
    assert not any(key in text for key in ("train.batch", "dataset", "seeds"))
    assert show_differing(summarised(["films"])) == "the parameters are the same in all"


def test_a_choice_that_one_has_not_made_is_a_difference(project: Path) -> None:
    weighted = VALUES["a"] | {"train": {"weights": {"dynamic": {"period": 25}}}}
    (project / "resolved.json").write_text(json.dumps({"experiments": VALUES | {"a": weighted}}))
    table = differing(summarised(patterns=["a", "far"]))
    assert "train.weights.dynamic.period" in table


def test_files_hold_all_experiments(project: Path) -> None:
    write()
    read = pd.read_csv(project / "results/compare.csv", index_col="experiment")
    assert list(read.index) == ["other", "a-long", "a", "far"]
    assert list(read.columns[:5]) == ["dataset", "seeds", "ARI", "mAP/0.5", "average_mAP"]
    assert read.loc["a", "average_mAP/sd"] == pytest.approx(np.std([0.5, 0.75], ddof=1))
    assert pd.isna(read.loc["far", "average_mAP/sd"])
    assert read.loc["a-long", "train.steps"] == 2
    pd.testing.assert_frame_equal(read, compare(ordered(summarised())), check_dtype=False)
    text = (project / "results/compare.md").read_text()
    assert text.startswith("films\n") and "within noise" in text


def test_the_command_says_what_there_is_to_sort_by() -> None:
    result = CliRunner().invoke(main, ["compare", "a*", "--data", "toy", "--sort", "ARI"])
    assert result.exit_code == 0, result.output
    assert "train.steps" in result.output and "far" not in result.output
    # ARI was measured on no draws here.
    assert "-0.031" in result.output and "noise" not in result.output
    result = CliRunner().invoke(main, ["compare", "--sort", "AIR"])
    assert "no number 'AIR' to sort by; there is name, seeds, average_mAP" in result.output


def test_where_nothing_was_evaluated_the_table_is_sorted_by_name() -> None:
    for name in SCORES:
        SummaryPaths.of(name).metrics.write_text('{"seeds": 1}')
    result = CliRunner().invoke(main, ["compare"])
    assert result.exit_code == 0 and "not evaluated: no annotations" in result.output, result.output


def test_nothing_to_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert summarised() == []
    write()
    assert "no results yet" in CliRunner().invoke(main, ["compare"]).output
