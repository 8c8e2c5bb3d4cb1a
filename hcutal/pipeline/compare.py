"""One table of all experiments: mean and spread over their seeds, what is within noise, and where parameters differ."""

import fnmatch
import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import pandas as pd
from pydantic import BaseModel, ConfigDict

from hcutal.entry import Command
from hcutal.errors import HcutalError
from hcutal.evaluate.over_seeds import Difference, difference, headline, read_measured
from hcutal.files import atomic_path, read_json
from hcutal.jobs import job
from hcutal.layout import (
    COMPARED_CSV,
    COMPARED_MARKDOWN,
    LOGS,
    REPORT_PAGES,
    RESOLVED,
    RunPaths,
    SummaryPaths,
    run_name,
)
from hcutal.params.evaluate import BootstrapParams, EvaluateParams
from hcutal.params.section import validate
from hcutal.pipeline.records import COMPARE, write_record
from hcutal.tables import write_frame

MEASURED = ("map", "evaluate")
SORTED_BY = "average_mAP"
# What two experiments on a data set must have in common for their draws of recordings to be the same ones.
SAME = ("evaluate.subset", "evaluate.tiou", "evaluate.bootstrap", "map.reading")
NOISE = "within noise"
# What the table for people has, of what there is; the metric that it is sorted by has its interval as well.
SHOWN = ("ARI", "NMI", "mAP/0.5", "average_mAP")
# In front of the parameters in the table of all numbers.
ABOUT = ("dataset", "seeds")


@dataclass(frozen=True)
class Summarised:
    """An experiment that has a summary: its parameters and the numbers of the summary, by name."""

    name: str
    values: Mapping[str, Any]
    metrics: Mapping[str, float | None]

    @property
    def dataset(self) -> str:
        """Its data set."""
        return str(self.values["dataset"])

    @property
    def seeds(self) -> list[int]:
        """Its seeds."""
        return list(self.values["seeds"])

    @cached_property
    def runs(self) -> dict[int, pd.DataFrame]:
        """What each of its runs measured, by seed."""
        paths = {seed: RunPaths.of(run_name(self.name, seed)) for seed in self.seeds}
        return {
            seed: read_measured([files.draws(stage) for stage in MEASURED]) for seed, files in paths.items()
        }

    def get(self, metric: str) -> float:
        """A number of the summary; NaN where it is not known."""
        value = self.metrics.get(metric)
        return math.nan if value is None else value


class _Entry(BaseModel):
    """What resolved.json says of an experiment, with the sections of its stages."""

    model_config = ConfigDict(extra="allow")

    dataset: str
    seeds: list[int]


class _Resolved(BaseModel):
    """What resolved.json says of experiments."""

    experiments: dict[str, _Entry]


def _read_summary(path: Path) -> dict[str, float | None]:
    values = read_json(path)
    if not isinstance(values, dict):
        raise HcutalError(f"{path}: found {type(values).__name__}; expected an object")
    for name, value in values.items():
        if value is not None and not isinstance(value, int | float):
            raise HcutalError(f"{path}: {name} is {value!r}; expected a number")
    return values


def summarised(datasets: Sequence[str] = (), patterns: Sequence[str] = ()) -> list[Summarised]:
    """The experiments that have results, of some data sets, and with names that fit one of `patterns` (`watch*`).

    Raises `HcutalError` for a data set that no experiment has, and a pattern that fits none.
    """
    known = validate(_Resolved, read_json(RESOLVED), str(RESOLVED)).experiments if RESOLVED.exists() else {}
    there = sorted({entry.dataset for entry in known.values()})
    for dataset in datasets:
        if dataset not in there:
            raise HcutalError(f"no experiment on a data set {dataset!r}; there is {', '.join(there)}")
    for pattern in patterns:
        if not fnmatch.filter(known, pattern):
            raise HcutalError(f"no experiment is called {pattern!r}; there is {', '.join(known)}")
    return [
        Summarised(name, entry.model_dump(), _read_summary(SummaryPaths.of(name).metrics))
        for name, entry in known.items()
        if (not datasets or entry.dataset in datasets)
        and (not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns))
        and SummaryPaths.of(name).metrics.exists()
    ]


def ordered(experiments: Iterable[Summarised], by: str = SORTED_BY) -> list[Summarised]:
    """By data set, then the highest of `by` first (`name`: by name); those without it last, in their order."""
    if by == "name":
        return sorted(experiments, key=lambda each: (each.dataset, each.name))

    def rank(each: Summarised) -> tuple[str, float]:
        value = each.get(by)
        return each.dataset, math.inf if math.isnan(value) else -value

    return sorted(experiments, key=rank)


def show(experiments: Sequence[Summarised], by: str = SORTED_BY) -> str:
    """A table a data set, as Markdown: a row an experiment, mean ± sd [interval], and how far it is from the first."""
    metric = SORTED_BY if by == "name" else by
    parts = []
    for dataset in dict.fromkeys(each.dataset for each in experiments):
        group = [each for each in experiments if each.dataset == dataset]
        best = best_of(group, metric)
        table = pd.DataFrame([_row(each, best, metric) for each in group])
        # What none of them has is no column.
        table = table.loc[:, (table != "").any()]
        parts.append(f"{dataset}\n\n{table.to_markdown(index=False, disable_numparse=True)}")
        if best is None and not {*SHOWN} & {*table}:
            parts.append("not evaluated: no annotations")
    return "\n\n".join(parts)


def best_of(group: Sequence[Summarised], metric: str) -> Summarised | None:
    """The experiment with the highest value; None where none has one."""
    known = [each for each in group if not math.isnan(each.get(metric))]
    return max(known, key=lambda each: each.get(metric), default=None)


def _row(each: Summarised, best: Summarised | None, metric: str) -> dict[str, str]:
    row = {"experiment": each.name, "seeds": " ".join(map(str, each.seeds))}
    row |= {name: _text(each, name, name == metric) for name in dict.fromkeys([*SHOWN, metric])}
    row["chance"] = _text(each, "chance/average_mAP", False)
    if best is not None:
        row[f"against {best.name}"] = "" if each is best else _against(each, best, metric)
    return row


def _text(each: Summarised, metric: str, with_interval: bool) -> str:
    mean, sd, low, high = (each.get(f"{metric}{suffix}") for suffix in ("", "/sd", "/low", "/high"))
    if math.isnan(mean):
        return ""
    spread = "" if math.isnan(sd) else f" ± {_number(sd)}"
    interval = f" [{_number(low)}, {_number(high)}]" if with_interval and not math.isnan(low) else ""
    return f"{_number(mean)}{spread}{interval}"


def _against(each: Summarised, best: Summarised, metric: str) -> str:
    found = compare_two(each, best, metric)
    if found is None:
        return ""
    interval = "" if found.is_noise is None else f" [{found.low:+.3f}, {found.high:+.3f}]"
    shared = " ".join(map(str, found.seeds))
    # Otherwise the difference is not that of the two means.
    seeds = "" if set(found.seeds) == {*each.seeds, *best.seeds} else f", on seed {shared}"
    return f"{found.value:+.3f}{interval}{seeds}{f', {NOISE}' if found.is_noise else ''}"


def compare_two(a: Summarised, b: Summarised, metric: str) -> Difference | None:
    """A minus B over the recordings and seeds that both have; None where they cannot be paired."""
    if a.dataset != b.dataset or any(_value(a.values, key) != _value(b.values, key) for key in SAME):
        return None
    section = validate(EvaluateParams, _value(a.values, "evaluate"), f"{RESOLVED}: {a.name}.evaluate")
    options = section.bootstrap or BootstrapParams()
    return difference(a.runs, b.runs, metric, options.level, options.seed)


def _value(values: Any, key: str) -> Any:
    for part in key.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


def _number(value: float) -> str:
    return f"{value:.3f}"


def differing(experiments: Sequence[Summarised]) -> pd.DataFrame:
    """The parameters in which experiments differ, seeds apart: a row an experiment, a column a dotted key."""
    table = pd.json_normalize([dict(each.values) for each in experiments])
    table.index = pd.Index([each.name for each in experiments], name="experiment")
    # A choice that others have not made is a difference as well.
    return table[[key for key in table if key not in ABOUT and len(set(map(str, table[key]))) > 1]]


def show_differing(experiments: Sequence[Summarised]) -> str:
    """These parameters as Markdown, experiments across; a sentence where there are none."""
    table = differing(experiments)
    if table.columns.empty:
        return "the parameters are the same in all"
    return str(table.T.astype(str).rename_axis("parameter").to_markdown(disable_numparse=True))


def compare(experiments: Sequence[Summarised]) -> pd.DataFrame:
    """All numbers: a row an experiment, its data set and seeds, the summary, and the parameters that differ."""
    rows = {
        each.name: {
            "dataset": each.dataset,
            **{name: each.get(name) for name in each.metrics if name != "seeds"},
            "seeds": " ".join(map(str, each.seeds)),
        }
        for each in experiments
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("experiment")
    if not experiments:
        return table
    metrics = [str(name) for name in table if name not in ABOUT]
    first = headline(metrics)
    together = table[[*ABOUT, *first, *(name for name in metrics if name not in first)]]
    return together.join(differing(experiments))


def write(known: Iterable[Summarised] = ()) -> None:
    """Write results/compare.csv and results/compare.md, and copy the pages: of all experiments that have results.

    known: those of which something has been read already; it is not read again.
    """
    read = {each.name: each for each in known}
    experiments = ordered(read.get(each.name, each) for each in summarised())
    write_frame(COMPARED_CSV, compare(experiments), index=True)
    with atomic_path(COMPARED_MARKDOWN) as temporary:
        text = [show(experiments), show_differing(experiments)] if experiments else []
        temporary.write_text("\n\n".join(text) + "\n", encoding="utf-8")
    shutil.rmtree(REPORT_PAGES, ignore_errors=True)
    REPORT_PAGES.mkdir(parents=True)
    for each in experiments:
        page = SummaryPaths.of(each.name).page
        if page.exists():
            shutil.copy(page, REPORT_PAGES / f"{each.name}{page.suffix}")


@click.command(cls=Command)
def main() -> None:
    """Write the table of all experiments."""
    # DVC is slow to import, and the table is made without it.
    from hcutal.pipeline.graph import read_graph
    from hcutal.pipeline.synchronise import compared

    with job(COMPARE, LOGS / f"{COMPARE}.log"):
        write()
        write_record(COMPARE, compared(read_graph()))


if __name__ == "__main__":
    main()
