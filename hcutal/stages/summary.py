"""Stage `summary`: an experiment over its seeds: mean, spread and interval of every number, and its page."""

from collections.abc import Iterator, Mapping

import pandas as pd
from pydantic import BaseModel

from hcutal.evaluate.over_seeds import HIGH, LOW, MEAN, SD, headline, number, read_measured, summarise
from hcutal.files import write_json
from hcutal.layout import RunPaths, SummaryPaths, run_name
from hcutal.params.evaluate import BootstrapParams, EvaluateParams
from hcutal.params.section import read_section
from hcutal.report.pages.experiment_page import ExperimentSummary, write_experiment_page
from hcutal.stages.command import experiment_stage
from hcutal.tables import write_frame

# The stages that measure how good a run is.
MEASURED = ("map", "evaluate")
# In DVC's tables, which have a column for each.
SHOWN = ("ARI", "NMI", "mAP/0.5", "average_mAP")


class _Experiment(BaseModel):
    """What resolved.json says of an experiment, sections of stages apart."""

    dataset: str
    preset: str
    seeds: list[int]


class _Training(BaseModel):
    """What the page says of the training."""

    supervision: str


def run(experiment: str) -> None:
    """Write the numbers, the table and the page of an experiment from what its runs measured."""
    about = read_section(_Experiment, "experiments", experiment)
    bootstrap = read_section(EvaluateParams, "experiments", experiment, "evaluate").bootstrap
    options = bootstrap or BootstrapParams()
    paths = {seed: RunPaths.of(run_name(experiment, seed)) for seed in about.seeds}
    runs = {seed: read_measured([files.draws(stage) for stage in MEASURED]) for seed, files in paths.items()}
    table = summarise(runs, options.level, options.seed)
    files = SummaryPaths.of(experiment)
    write_frame(files.table, table, index=True)
    numbers = dict(flat(table))
    write_json(files.metrics, {"seeds": len(runs), **numbers})
    write_json(files.headline, {name: numbers[name] for name in SHOWN if numbers.get(name) is not None})
    write_frame(files.map_by_tiou, by_tiou(numbers))
    training = read_section(_Training, "experiments", experiment, "train")
    write_experiment_page(
        files.page,
        ExperimentSummary(
            experiment=experiment,
            dataset=about.dataset,
            preset=about.preset,
            supervision=training.supervision,
            pages={seed: paths[seed].page for seed in about.seeds},
            table=table,
            level=options.level if bootstrap else None,
        ),
    )


def by_tiou(numbers: Mapping[str, float | None]) -> pd.DataFrame:
    """The mAP at each threshold: columns tiou, mAP; no rows where there is none."""
    found = [
        (float(name.partition("/")[2]), value)
        for name, value in numbers.items()
        if name.startswith("mAP/") and name.count("/") == 1
    ]
    return pd.DataFrame(sorted(found), columns=["tiou", "mAP"])


def flat(table: pd.DataFrame) -> Iterator[tuple[str, float | None]]:
    """The headline of a summary by name: `average_mAP`, its mean, and `/sd`, `/low`, `/high`; None where unknown."""
    for name in headline(table.index):
        for suffix, column in (("", MEAN), ("/sd", SD), ("/low", LOW), ("/high", HIGH)):
            yield f"{name}{suffix}", number(table, name, column)


if __name__ == "__main__":
    experiment_stage("summary", run)()
