"""The part of `hcutal run` that is for suites: what was asked for, what it takes, and what came out."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from hcutal.params.document import Document

# Of the experiments, where none are named.
SEEDS = [0, 1, 2]


class Asked(NamedTuple):
    """What the command line says of suites; None where it says nothing."""

    names: tuple[str, ...]
    data: str
    preset: str
    seeds: list[int] | None
    rules: str | None
    recordings: str | None
    label: str | None


def run_suites(asked: Asked, document: "Document", cores: str, dry_run: bool, profile: Path) -> int:
    """Bring the experiments of suites up to date, write what they show, and say where; returns the exit status.

    A dry run says how many trainings there are to make, about how long that takes, and which.
    """
    from hcutal.pipeline.suite_runs.suite_call import SuiteCall, plan_suites
    from hcutal.report.kit.rendering import counted

    recordings = [name.strip() for name in (asked.recordings or "").split(",") if name.strip()]
    call = SuiteCall(
        asked.names, asked.data, asked.preset, asked.seeds or SEEDS, asked.rules, recordings, asked.label
    )
    plan = plan_suites(document, call)
    experiments = counted(len(plan.experiments), "experiment")
    _say(f"{', '.join(plan.suites)} on {asked.data}: {experiments}, {plan.costs.text(cores)}")
    beside = {
        name: [seed for seed in entry.seeds if seed not in asked.seeds]
        for name, entry in plan.entries.values()
        if asked.seeds is not None
    }
    for name, seeds in beside.items():
        if seeds:
            _say(
                f"{name} has seeds {', '.join(map(str, seeds))} beside these in params.yaml, which are run as well"
            )
    if dry_run:
        for run in plan.costs.missing:
            click.echo(run)
        return 0
    from hcutal.pipeline.suite_runs.suite_run import bring_up_to_date, page_path, show_suites

    status = bring_up_to_date(plan, cores, profile, _say)
    if status == 0:
        for table in show_suites(plan, _say):
            print(f"\n{table}")
        print(f"\ntables and figures: {page_path(plan).parent}\nreport: {page_path(plan)}")
    return status


def _say(text: str) -> None:
    click.echo(text, err=True)
