"""Experiments over their seeds, against numpy and a bootstrap that is slow and plain."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcutal.evaluate.over_seeds import (
    difference,
    headline,
    measured_table,
    number,
    read_measured,
    summarise,
    write_measured,
)

DRAWS, LEVEL = 400, 0.9


def runs(rng: np.random.Generator, seeds: list[int], draws: int = DRAWS) -> dict[int, pd.DataFrame]:
    """Runs whose draws lie above their value, as those of the mAP do."""
    tables = {}
    for seed in seeds:
        value = float(rng.uniform(0.4, 0.6))
        drawn = value + 0.03 + 0.05 * rng.normal(size=draws)
        tables[seed] = measured_table({"average_mAP": value, "clusters": 6.0 + seed}, {"average_mAP": drawn})
    return tables


def slow_interval(columns: list[np.ndarray], seed: int) -> tuple[float, float]:
    """columns: [1 + draws] of each seed, the value first."""
    chosen = np.random.default_rng([seed, 1]).integers(len(columns), size=(len(columns[0]) - 1, len(columns)))
    means = []
    for draw, picks in enumerate(chosen.tolist(), 1):
        means.append(sum(columns[pick][draw] for pick in picks) / len(picks))
    value = sum(column[0] for column in columns) / len(columns)
    shift = sum(means) / len(means) - value
    low, high = np.quantile([mean - shift for mean in means], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def test_mean_sd_and_interval_are_those_of_numpy_and_of_a_slow_bootstrap() -> None:
    tables = runs(np.random.default_rng(0), [0, 4, 7])
    table = summarise(tables, LEVEL, seed=5)
    values = [each["average_mAP"][0] for each in tables.values()]
    assert number(table, "average_mAP", "mean") == pytest.approx(np.mean(values))
    assert number(table, "average_mAP", "sd") == pytest.approx(np.std(values, ddof=1))
    expected = slow_interval([each["average_mAP"].to_numpy() for each in tables.values()], 5)
    found = (number(table, "average_mAP", "low"), number(table, "average_mAP", "high"))
    assert found == pytest.approx(expected)
    assert table.loc["average_mAP", ["seed-0", "seed-4", "seed-7"]].tolist() == values


def test_what_was_not_measured_on_draws_has_a_mean_and_a_spread_alone() -> None:
    table = summarise(runs(np.random.default_rng(0), [1, 3]), LEVEL, seed=0)
    assert number(table, "clusters", "mean") == 8.0
    assert number(table, "clusters", "sd") == pytest.approx(np.sqrt(2))
    assert number(table, "clusters", "low") is None


def test_the_spread_of_one_seed_is_not_known() -> None:
    tables = runs(np.random.default_rng(0), [3])
    table = summarise(tables, LEVEL, seed=0)
    assert number(table, "average_mAP", "sd") is None
    # Its interval is that over the recordings.
    drawn = tables[3]["average_mAP"].to_numpy()[1:]
    shifted = drawn - (drawn.mean() - tables[3]["average_mAP"][0])
    assert number(table, "average_mAP", "low") == pytest.approx(np.quantile(shifted, 0.05))


def test_without_draws_there_is_no_interval() -> None:
    table = summarise(
        {0: measured_table({"ARI": 0.5}, {}), 1: measured_table({"ARI": 0.7}, {})}, LEVEL, seed=0
    )
    assert (number(table, "ARI", "low"), number(table, "ARI", "high")) == (None, None)
    assert number(table, "ARI", "mean") == pytest.approx(0.6)


def test_a_draw_without_an_instance_does_not_count() -> None:
    drawn = np.array([0.2, np.nan, 0.4])
    found = summarise({0: measured_table({"mAP/0.5": 0.3}, {"mAP/0.5": drawn})}, 0.9999, seed=0)
    assert number(found, "mAP/0.5", "low") == pytest.approx(0.2, abs=1e-3)


def test_an_interval_ends_where_a_score_does() -> None:
    drawn = np.array([0.0, 0.02, 0.4])
    found = summarise({0: measured_table({"mAP/0.5": 0.01}, {"mAP/0.5": drawn})}, 0.99, seed=0)
    assert number(found, "mAP/0.5", "low") == 0.0
    drawn = np.array([-0.4, 0.0, 0.1])
    found = summarise({0: measured_table({"ARI": 0.0}, {"ARI": drawn})}, 0.99, seed=0)
    assert (number(found, "ARI", "low") or 0.0) < 0


def test_a_difference_is_paired_by_recordings_and_by_seeds() -> None:
    rng = np.random.default_rng(1)
    noise = 0.1 * rng.normal(size=DRAWS)
    a = {seed: measured_table({"x": 0.5 + seed}, {"x": 0.5 + seed + noise}) for seed in (0, 1, 2)}
    b = {seed: measured_table({"x": 0.25 + seed}, {"x": 0.25 + seed + noise}) for seed in (1, 2, 3)}
    found = difference(a, b, "x", LEVEL, seed=0)
    assert found is not None
    # What moves both alike, draws of recordings or seeds, moves no difference.
    assert (found.value, found.seeds) == (0.25, [1, 2])
    assert (found.low, found.high) == pytest.approx((0.25, 0.25))
    assert found.is_noise is False


def test_a_difference_against_a_slow_bootstrap() -> None:
    rng = np.random.default_rng(2)
    a, b = runs(rng, [0, 1, 2]), runs(rng, [0, 1, 2])
    found = difference(a, b, "average_mAP", LEVEL, seed=9)
    columns = [(a[seed] - b[seed])["average_mAP"].to_numpy() for seed in (0, 1, 2)]
    assert found is not None
    assert (found.low, found.high) == pytest.approx(slow_interval(columns, 9))
    assert found.is_noise == (found.low <= 0 <= found.high)


def test_what_cannot_be_paired() -> None:
    rng = np.random.default_rng(3)
    a, b = runs(rng, [0]), runs(rng, [1])
    assert difference(a, b, "average_mAP", LEVEL, seed=0) is None
    assert difference(a, a, "ARI", LEVEL, seed=0) is None
    other = difference(a, runs(rng, [0], draws=10), "average_mAP", LEVEL, seed=0)
    assert other is not None and other.is_noise is None


def test_tables_are_read_as_they_were_written(tmp_path: Path) -> None:
    first = measured_table({"ARI": 1 / 3}, {"ARI": np.array([0.1, np.nan])})
    second = measured_table({"average_mAP": 0.5}, {})
    for name, table in (("map", first), ("evaluate", second)):
        write_measured(tmp_path / f"{name}.csv", table)
    read = read_measured([tmp_path / "map.csv", tmp_path / "evaluate.csv"])
    assert read["ARI"].tolist()[:2] == [1 / 3, 0.1] and np.isnan(read["ARI"][2])
    assert read["average_mAP"][0] == 0.5 and read["average_mAP"][1:].isna().all()
    assert list(measured_table({}, {}).index) == [0]


def test_the_headline_is_in_order_and_knows_its_names() -> None:
    names = [
        "chance/average_mAP",
        "mAP/0.5/low",
        "average_mAP",
        "mAP/0.3",
        "mAP/0.5",
        "ARI/set",
        "ARI",
        "gain/x",
    ]
    assert headline(names) == ["ARI", "mAP/0.3", "mAP/0.5", "average_mAP", "chance/average_mAP"]
