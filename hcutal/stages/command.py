"""The command lines of the stages: `python -m hcutal.stages.STAGE NAME ...`."""

from collections.abc import Callable

import click

from hcutal.code import check_code
from hcutal.entry import Command
from hcutal.stages.execution import recorded


def dataset_stage(stage: str, run: Callable[[str], None], kind: Callable[[str], str]) -> click.Command:
    """The command of a stage of a data set, `STAGE DATASET`; `kind` finds the kind of a data set."""

    def checked(dataset: str) -> None:
        check_code(stage, kind(dataset))
        with recorded(f"{stage}@{dataset}"):
            run(dataset)

    return Command(stage, callback=checked, params=[click.Argument(["dataset"])], help=run.__doc__)


def seeded_stage(stage: str, run: Callable[[str, str], None]) -> click.Command:
    """The command of a stage of a run, `STAGE EXPERIMENT.SEED --dataset DATASET`."""

    def checked(name: str, dataset: str) -> None:
        check_code(stage)
        with recorded(f"{stage}@{name}"):
            run(name, dataset)

    params = [click.Argument(["name"], metavar="RUN"), click.Option(["--dataset"], required=True)]
    return Command(stage, callback=checked, params=params, help=run.__doc__)


def experiment_stage(stage: str, run: Callable[[str], None]) -> click.Command:
    """The command of a stage of an experiment, `STAGE EXPERIMENT`."""

    def checked(experiment: str) -> None:
        check_code(stage)
        with recorded(f"{stage}@{experiment}"):
            run(experiment)

    return Command(stage, callback=checked, params=[click.Argument(["experiment"])], help=run.__doc__)
