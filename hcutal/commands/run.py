"""`hcutal run`: bring experiments up to date."""

import itertools
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hcutal.commands.names_of_runs import check_names
from hcutal.commands.run_suites import Asked, run_suites
from hcutal.errors import HcutalError
from hcutal.layout import LOGS, PROFILES, RunPaths, SummaryPaths, is_run, run_name, split_run

if TYPE_CHECKING:
    from hcutal.params.document import Document
    from hcutal.pipeline.compare import Summarised

# Of each data set so many experiments are told at the end of a run of all, and so many that it brought up to date.
TOLD = 10


def _seeds(context: click.Context, parameter: click.Parameter, value: str | None) -> list[int] | None:
    if value is None:
        return None
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isdecimal() for part in parts) or len(set(map(int, parts))) != len(parts):
        raise click.BadParameter(f"found {value!r}; expected whole numbers, each once, as in 0,1,2")
    return [int(part) for part in parts]


@click.command("run")
@click.argument("names", nargs=-1, metavar="[EXPERIMENT]...")
@click.option(
    "--seeds",
    callback=_seeds,
    metavar="0,1,2",
    help="Give the experiments these seeds in params.yaml, then run; what is there is not trained again. "
    "Experiments that suites find there keep theirs as well.",
)
@click.option(
    "--data",
    metavar="DATASET",
    help="Run suites, such as table6, on this data set: their experiments are written into params.yaml.",
)
@click.option("--preset", default="default", show_default=True, help="Of the experiments of suites.")
@click.option(
    "--rules",
    metavar="last,label-free,oracle",
    help="Of suites: the states of each training that tables show; default: the last, in `checkpoint` all of these.",
)
@click.option(
    "--recordings",
    metavar="NAME,NAME",
    help="Of figures: the test recordings that they show; default: chosen by a rule, which the page says.",
)
@click.option(
    "--class", "label", metavar="NAME", help="Of figure4: the class; default: the most frequent one."
)
@click.option("--cores", default="all", show_default=True, help="How many cores, a number or `all`.")
@click.option("--dry-run", "-n", is_flag=True, help="Show what would run.")
@click.option("--profile", default="default", show_default=True, help="A folder of workflow/profiles.")
def command(
    names: tuple[str, ...],
    seeds: list[int] | None,
    data: str | None,
    preset: str,
    rules: str | None,
    recordings: str | None,
    label: str | None,
    cores: str,
    dry_run: bool,
    profile: str,
) -> None:
    """Bring all experiments, or those named, up to date, with all of their seeds.

    One run alone is named by experiment and seed, such as watch.1. With --data, names are those of suites: table2 to
    table8, figure4 to figure7, paper (all of these), coupling, temperature, clusters, proposals, checkpoint.
    """
    from hcutal.params.document import load, resolve
    from hcutal.pipeline.run import require_project, run_pipeline
    from hcutal.pipeline.upgrade import outdated

    require_project()
    if others := outdated():
        click.echo(
            f"of another version of hcutal: {', '.join(map(str, others))}; `hcutal upgrade` replaces them",
            err=True,
        )
    document = load()
    if data is not None:
        asked = Asked(names, data, preset, seeds, rules, recordings, label)
        sys.exit(run_suites(asked, document, cores, dry_run, PROFILES / profile))
    _refuse_suites(names, document, {"--rules": rules, "--recordings": recordings, "--class": label})
    check_names(names, document)
    # Here, what is wrong with a value or a table in labels/ is told at once, and in one sentence.
    resolve(document)
    if seeds is not None:
        _set_seeds(names, seeds, dry_run)
    folder = PROFILES / profile
    status = run_pipeline(names, cores, dry_run, lambda text: click.echo(text, err=True), folder)
    if status == 0 and not dry_run:
        runs = [name for name in names if is_run(name)]
        experiments = [name for name in names if name not in runs] if names else list(document.experiments)
        _show_results(experiments, runs, is_named=bool(names))
        _show_labelling(document, [*experiments, *runs])
    sys.exit(status)


def _refuse_suites(names: Sequence[str], document: "Document", options: Mapping[str, str | None]) -> None:
    """Raise `HcutalError` for options and names of suites, which need a data set."""
    from hcutal.suites.suites import GROUPS, SUITES

    for option, value in options.items():
        if value is not None:
            raise HcutalError(
                f"{option}: is of suites; name a data set, as in hcutal run table6 --data watch"
            )
    for name in names:
        if name in {*SUITES, *GROUPS} - {*document.experiments}:
            raise HcutalError(f"{name} is a suite: name a data set, as in hcutal run {name} --data watch")


def _set_seeds(names: Sequence[str], seeds: list[int], dry_run: bool) -> None:
    from hcutal.pipeline.runs import set_seeds

    if not names or any(map(is_run, names)):
        raise HcutalError(
            "--seeds: name the experiments that have them, as in hcutal run watch --seeds 0,1,2"
        )
    if dry_run:
        raise HcutalError("--seeds writes params.yaml, a dry run nothing: leave one of them out")
    for name in set_seeds(names, seeds):
        click.echo(f"params.yaml: experiments.{name}.seeds is now {seeds}", err=True)


def _show_results(experiments: Sequence[str], runs: Sequence[str], is_named: bool) -> None:
    from hcutal.pipeline.compare import ordered, show, summarised
    from hcutal.pipeline.records import is_tracked, track_name

    there = ordered(summarised(patterns=experiments)) if experiments else []
    found = there if is_named else _first_of(there)
    if found:
        print(f"\n{show(found)}\n")
    pages = [page for each in found for page in _pages(each)] + [RunPaths.of(run).page for run in runs]
    for page in pages:
        print(f"report: {page}")
    for each in there:
        if not is_tracked(each.name):
            log = LOGS / f"{track_name(each.name)}.log"
            print(f"not in MLflow yet: {each.name} ({log} says why); the next run tries again")
    count = "" if len(found) == len(there) else f"{len(there)} "
    print(f"all runs in MLflow: {_hcutal()} ui; all {count}experiments: {_hcutal()} compare")


def _first_of(experiments: Sequence["Summarised"]) -> list["Summarised"]:
    """Of experiments in their order the first of each data set, and those that this run has brought up to date."""
    from hcutal.pipeline.outlook import read_plan

    ahead = {step.stage for step in read_plan() or ()}
    groups = [list(group) for _, group in itertools.groupby(experiments, lambda each: each.dataset)]
    told = [each.name for group in groups for each in group[:TOLD]]
    told += [each.name for each in experiments if f"summary@{each.name}" in ahead][:TOLD]
    return [each for each in experiments if each.name in told]


def _pages(experiment: "Summarised") -> list[Path]:
    """Its page; where nothing was evaluated, that has no numbers: those of its runs show what was found."""
    from hcutal.pipeline.compare import SHOWN

    if any(name in experiment.metrics for name in SHOWN):
        return [SummaryPaths.of(experiment.name).page]
    return [RunPaths.of(run_name(experiment.name, seed)).page for seed in experiment.seeds]


def _hcutal() -> str:
    """The command as it can be typed: `make run` does not put the environment on the PATH."""
    return "hcutal" if shutil.which("hcutal") else os.path.relpath(Path(sys.executable).parent / "hcutal")


def _show_labelling(document: "Document", names: Sequence[str]) -> None:
    """Where the segments of a person's own recordings are, how their clusters are named, and which names are lost."""
    from hcutal.labelling.run_labels import RunLabels

    for name in names:
        experiment, seed = split_run(name) if is_run(name) else (name, document.experiments[name].seeds[0])
        own = document.experiments[experiment]
        if document.datasets[own.dataset].kind == "recordings":
            print(f"segments: {RunPaths.of(run_name(experiment, seed)).segments}")
            print(f"the page of clusters, to name them in: {_hcutal()} label {name}")
            for line in RunLabels(run_name(experiment, seed)).out_of_step():
                print(f"not used: {line}")
