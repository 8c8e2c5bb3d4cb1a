"""Differences from `full` and orders that differ from the paper's, worked out by hand on two recordings' draws."""

from pathlib import Path

import pandas as pd
import pytest

from hcutal.evaluate.over_seeds import measured_table, write_measured
from hcutal.layout import RunPaths, run_name
from hcutal.pipeline.compare import Summarised
from hcutal.pipeline.suite_runs.suite_differences import differences, orders
from hcutal.pipeline.suite_runs.suite_page import against_full, interval_rows
from hcutal.pipeline.suite_runs.suite_tables import shown_text, suite_numbers
from hcutal.report.sections.suite_tables_section import OrderCheck

VALUES = {
    "dataset": "toy",
    "seeds": [0, 1],
    "map": {"reading": "first"},
    "evaluate": {"subset": "test", "tiou": [0.5], "bootstrap": {"draws": 4, "seed": 0, "level": 0.95}},
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def ours(name: str, average: float, ari: float, spread: float = 0.0) -> Summarised:
    """Two seeds alike; of four draws of the recordings two are `spread` below the mean, two above."""
    drawn = pd.Series([-spread, -spread, spread, spread])
    for seed in (0, 1):
        files = RunPaths.of(run_name(name, seed))
        table = measured_table({"average_mAP": average}, {"average_mAP": (average + drawn).to_numpy()})
        write_measured(files.draws("evaluate"), table)
        write_measured(files.draws("map"), measured_table({"ARI": ari}, {}))
    metrics = {"average_mAP": average, "average_mAP/sd": 0.0, "ARI": ari, "ARI/sd": 0.0}
    metrics |= {"average_mAP/low": average - spread, "average_mAP/high": average + spread}
    return Summarised(name, VALUES, metrics)


def test_what_is_within_noise_is_marked() -> None:
    found = {
        "kmeans": ours("kmeans", 0.25, 0.25),
        "spectral": ours("spectral", 0.375, 0.5, spread=0.25),
        "full": ours("full", 0.5, 0.75),
    }
    away = differences(["kmeans", "spectral", "agglomerative", "full"], found)
    assert list(away) == ["kmeans", "spectral"]
    assert (away["kmeans"]["average_mAP"].value, away["kmeans"]["average_mAP"].is_noise) == (-0.25, False)
    assert away["spectral"]["average_mAP"].is_noise
    # ARI has no draws here: no interval, and no mark.
    assert (away["kmeans"]["ARI"].value, away["kmeans"]["ARI"].is_noise) == (-0.5, None)
    texts = {variant: by_metric["average_mAP"] for variant, by_metric in against_full(away).items()}
    assert texts["kmeans"] == "-25.0 [-25.0, -25.0]"
    assert texts["spectral"].startswith("-12.5 [") and texts["spectral"].endswith(" ≈")
    table = shown_text(suite_numbers("table7", found), against_full(away)).set_index("row")
    assert table["average_mAP above full"].tolist() == [texts["kmeans"], "", texts["spectral"], "", ""]
    assert differences(["kmeans"], {"kmeans": found["kmeans"]}) == {}


def test_orders_that_come_out_reversed_are_said() -> None:
    # Published, by average mAP: kmeans 28.6, spectral 30.9; by ARI: .04, .39.
    found = {"kmeans": ours("kmeans", 0.5, 0.25), "spectral": ours("spectral", 0.25, 0.5)}
    checks = orders("table7", suite_numbers("table7", found), found)
    theirs = suite_numbers("table7", found).set_index("row")["average_mAP/paper"]
    assert checks == [
        OrderCheck(
            "average_mAP",
            1,
            0,
            [
                f"kmeans is above spectral: 50.0 to 25.0, beyond noise; published: {theirs['kmeans']:g} to 33.5."
            ],
            1,
        ),
        OrderCheck("ARI", 1, 0, [], 0),
    ]
    assert [check.kept for check in checks] == [0, 1]
    assert orders("coupling", suite_numbers("coupling", found), {}) == []


def test_rows_with_the_same_results_are_in_no_order() -> None:
    found = {"vertical": ours("vertical", 0.5, 0.25), "full": ours("full", 0.5, 0.25)}
    (check,) = orders("table8", suite_numbers("table8", found), found)
    assert (check.name, check.pairs, check.same, check.kept) == ("ARI", 1, 1, 0)
    assert against_full(differences(["vertical"], found))["vertical"]["average_mAP"] == "the same results"


def test_rows_of_the_interval_plot_have_the_value_of_each_seed() -> None:
    found = {"full": ours("full", 0.5, 0.75, spread=0.125)}
    (row,) = interval_rows(found, "average_mAP")
    assert (row.variant, row.mean, row.low, row.high, list(row.seeds)) == (
        "full",
        0.5,
        0.375,
        0.625,
        [0.5, 0.5],
    )
    assert interval_rows(found, "NMI") == []
