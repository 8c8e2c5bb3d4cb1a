"""Several runs of one experiment as one: mean, spread and interval over its seeds, and differences of experiments.

Each run has a table of what it measured: row 0 on all recordings, every other row on a draw of them, a column a metric.
The draws of two runs on the same data set are the same ones, so that a draw of an experiment is one of the recordings
and one, with replacement, of its seeds: their mean. As in `hcutal.evaluate.bootstrap`, draws are shifted so that their
mean is the value itself.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.bootstrap import quantiles
from hcutal.evaluate.matching import Floats
from hcutal.tables import read_numbers, write_frame

DRAW = "draw"
# What tells most of how good an experiment is, in order; thresholds of the mAP stand together.
HEADLINE = re.compile(r"(ARI)|(NMI)|(mAP/[\d.]+)|(average_mAP)|(chance/average_mAP)")
# The columns of a summary before those of the seeds.
MEAN, SD, LOW, HIGH = "mean", "sd", "low", "high"


@dataclass(frozen=True)
class Difference:
    """By how much the mean of A is above that of B over the seeds that both have.

    low, high: ends of its interval, NaN where there are no draws.
    """

    value: float
    low: float
    high: float
    seeds: list[int]

    @property
    def is_noise(self) -> bool | None:
        """Whether the interval holds 0; None where there is none."""
        return None if np.isnan(self.low) else self.low <= 0 <= self.high


def headline(metrics: Iterable[str]) -> list[str]:
    """The metrics that tell most, in order.

    >>> headline(["average_mAP", "mAP/0.5", "clusters_used", "mAP/0.1", "NMI", "ARI", "ARI/first"])
    ['ARI', 'NMI', 'mAP/0.1', 'mAP/0.5', 'average_mAP']
    """
    found = [(match.lastindex or 0, name) for name in metrics if (match := HEADLINE.fullmatch(name))]
    return [name for _, name in sorted(found)]


def measured_table(values: Mapping[str, float], drawn: Mapping[str, Floats]) -> pd.DataFrame:
    """What a run measured, values on all recordings (row 0) and some of them on draws, [draws], (rows from 1 on).

    >>> measured_table({"ARI": 0.5, "clusters": 6}, {"ARI": np.array([0.25, 0.75])})["ARI"].tolist()
    [0.5, 0.25, 0.75]
    """
    rows = max(map(len, drawn.values()), default=0)
    columns = {
        name: np.concatenate([[value], drawn.get(name, np.full(rows, np.nan))])
        for name, value in values.items()
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(rows + 1, name=DRAW))


def write_measured(path: Path, table: pd.DataFrame) -> None:
    """Write such a table as CSV."""
    write_frame(path, table, index=True)


def read_measured(paths: Sequence[Path]) -> pd.DataFrame:
    """The tables of a run's stages side by side; `HcutalError` naming the file that is missing or malformed."""
    return pd.concat([_read_one(path) for path in paths], axis=1)


def _read_one(path: Path) -> pd.DataFrame:
    table = read_numbers(path, DRAW, int).set_index(DRAW)
    if not len(table) or table.index.tolist() != list(range(len(table))):
        raise HcutalError(f"{path}: column {DRAW}: expected 0, for all recordings, then 1, 2 and so on")
    return table


def summarise(runs: Mapping[int, pd.DataFrame], level: float, seed: int) -> pd.DataFrame:
    """A row a metric of some runs, by their seeds: mean, sd, low, high, and the value of each seed (`seed-0`).

    sd: the sample standard deviation, NaN with one seed; low, high: the ends of the interval at `level`, over
    recordings and seeds, NaN where there are no draws of the recordings. seed: of the draws of the seeds.

    >>> runs = {0: measured_table({"ARI": 0.25}, {}), 1: measured_table({"ARI": 0.75}, {})}
    >>> summarise(runs, level=0.95, seed=0).loc["ARI", ["mean", "seed-1"]].tolist()
    [0.5, 0.75]
    """
    metrics = list(dict.fromkeys(str(name) for table in runs.values() for name in table))
    rows = {}
    for name in metrics:
        columns = _columns(runs, name)
        values = columns[0]
        # ARI can be below 0; what never is in any draw cannot be.
        low, high = _interval(columns, level, seed, -1.0 if (columns < 0).any() else 0.0)
        sd = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
        rows[name] = [float(values.mean()), sd, low, high, *values.tolist()]
    names = [MEAN, SD, LOW, HIGH, *(f"seed-{number}" for number in runs)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names, dtype=float).rename_axis("metric")


def number(table: pd.DataFrame, metric: str, column: str) -> float | None:
    """A number of a summary; None where it is not known."""
    value = float(table[column][metric])
    return None if np.isnan(value) else value


def difference(
    a: Mapping[int, pd.DataFrame], b: Mapping[int, pd.DataFrame], metric: str, level: float, seed: int
) -> Difference | None:
    """A against B, tables by seed, paired by recordings and seeds; None where they share no seed or a metric lacks.

    There is no interval where the draws cannot be the same: other numbers of them.
    """
    shared = [number for number in a if number in b]
    both = [table for number in shared for table in (a[number], b[number])]
    if not shared or not all(metric in table for table in both):
        return None
    of_a, of_b = (_columns({number: tables[number] for number in shared}, metric) for tables in (a, b))
    comparable = len(of_a) == len(of_b)
    columns = of_a - of_b if comparable else of_a[:1] - of_b[:1]
    return Difference(float(columns[0].mean()), *_interval(columns, level, seed, -1.0), shared)


def _columns(runs: Mapping[int, pd.DataFrame], metric: str) -> Floats:
    """A metric of each run, [1 + draws, seeds], row 0 on all recordings; the draws that all have."""
    found = [
        table[metric].to_numpy(np.float64) if metric in table else np.full(len(table), np.nan)
        for table in runs.values()
    ]
    rows = min(map(len, found))
    return np.stack([column[:rows] for column in found], axis=1)


def _interval(columns: Floats, level: float, seed: int, least: float) -> tuple[float, float]:
    """Ends, from `least` to 1, of the interval of the mean over seeds; columns: [1 + draws, seeds]."""
    value, drawn = columns[0].mean(), columns[1:]
    draws, seeds = drawn.shape
    # Another stream than that of the recordings, which are drawn from the same seed.
    chosen = np.random.default_rng([seed, 1]).integers(seeds, size=(draws, seeds))
    means = np.take_along_axis(drawn, chosen, axis=1).mean(axis=1)
    means = means[~np.isnan(means)]
    if not means.size:
        return float("nan"), float("nan")
    low, high = np.clip(quantiles(means - (means.mean() - value), level), least, 1.0)
    return float(low), float(high)
