"""One table of all experiments: their metrics, and the parameters in which they differ."""

from collections.abc import Iterable
from typing import Any

import click
import pandas as pd

from hcutal.entry import Command
from hcutal.files import atomic_path, read_json
from hcutal.layout import COMPARED_CSV, COMPARED_MARKDOWN, RESOLVED, ExperimentFiles
from hcutal.pipeline.graph import read_graph
from hcutal.pipeline.records import COMPARE, compared, write_record
from hcutal.tables import write_frame

MEASURED = ("map", "evaluate")


def headline(experiments: Iterable[str]) -> pd.DataFrame:
    """ARI, NMI, mAP at each tIoU, average mAP and that of chance: one row an experiment that has results."""
    table = _table(experiments)
    names = [str(column) for column in table]
    # The ends of its interval, mAP/.../low and /high, are in the whole table.
    detection = sorted(name for name in names if name.startswith("mAP/") and name.count("/") == 1)
    order = ["ARI", "NMI", *detection, "average_mAP", "chance/average_mAP"]
    return table[[column for column in order if column in names]]


def compare() -> pd.DataFrame:
    """Every metric of every experiment, the headline first, then the parameters in which they differ."""
    resolved: dict[str, Any] = read_json(RESOLVED)["experiments"]
    first, every = headline(resolved), _table(resolved)
    metrics = first.join(every[[column for column in every if column not in first]])
    params = pd.json_normalize(list(resolved.values()))
    params.index = pd.Index(list(resolved))
    different = [column for column in params if params[column].astype(str).nunique() > 1]
    return metrics.join(params[different])


def write() -> pd.DataFrame:
    """Write results/compare.csv and results/compare.md; returns the table."""
    table = compare()
    write_frame(COMPARED_CSV, table, index=True)
    with atomic_path(COMPARED_MARKDOWN) as temporary:
        temporary.write_text(show(table) + "\n")
    return table


def show(table: pd.DataFrame) -> str:
    """The table as Markdown, experiments across: numbers with four decimals."""
    return str(table.T.map(_text).to_markdown(disable_numparse=True))


def _table(experiments: Iterable[str]) -> pd.DataFrame:
    rows = {name: metrics for name in experiments if (metrics := _metrics(name))}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("experiment")


def _metrics(experiment: str) -> dict[str, float]:
    metrics: dict[str, float] = {}
    for stage in MEASURED:
        path = ExperimentFiles.of(experiment).metrics(stage)
        metrics |= read_json(path) if path.exists() else {}
    return metrics


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4f}" if value != int(value) else f"{value:g}"
    return str(value)


@click.command(cls=Command)
def main() -> None:
    """Write the table of all experiments."""
    write()
    write_record(COMPARE, compared(read_graph()))


if __name__ == "__main__":
    main()
