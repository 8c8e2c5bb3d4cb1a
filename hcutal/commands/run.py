"""`hcutal run`: bring experiments up to date."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from hcutal.commands.names_of_runs import check_names
from hcutal.errors import HcutalError
from hcutal.layout import LOGS, PROFILES, RunPaths, SummaryPaths, is_run


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
    help="Give the experiments these seeds in params.yaml, then run; what is there is not trained again.",
)
@click.option("--cores", default="all", show_default=True, help="How many cores, a number or `all`.")
@click.option("--dry-run", "-n", is_flag=True, help="Show what would run.")
@click.option("--profile", default="default", show_default=True, help="A folder of workflow/profiles.")
def command(names: tuple[str, ...], seeds: list[int] | None, cores: str, dry_run: bool, profile: str) -> None:
    """Bring all experiments, or those named, up to date, with all of their seeds.

    One run alone is named by experiment and seed, such as watch.1.
    """
    from hcutal.params.document import load
    from hcutal.pipeline.run import require_project, run_pipeline

    require_project()
    document = load()
    check_names(names, document)
    if seeds is not None:
        _set_seeds(names, seeds, dry_run)
    folder = PROFILES / profile
    status = run_pipeline(names, cores, dry_run, lambda text: click.echo(text, err=True), folder)
    if status == 0 and not dry_run:
        runs = [name for name in names if is_run(name)]
        _show_results(
            [name for name in names if name not in runs] if names else list(document.experiments), runs
        )
    sys.exit(status)


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


def _show_results(experiments: Sequence[str], runs: Sequence[str]) -> None:
    from hcutal.pipeline.compare import ordered, show, summarised
    from hcutal.pipeline.records import is_tracked, track_name

    found = ordered(summarised(patterns=experiments)) if experiments else []
    if found:
        print(f"\n{show(found)}\n")
    pages = [SummaryPaths.of(each.name).page for each in found] + [RunPaths.of(run).page for run in runs]
    for page in pages:
        print(f"report: {page}")
    for each in found:
        if not is_tracked(each.name):
            log = LOGS / f"{track_name(each.name)}.log"
            print(f"not in MLflow yet: {each.name} ({log} says why); the next run tries again")
    # `make run` does not put the environment on the PATH.
    hcutal = "hcutal" if shutil.which("hcutal") else os.path.relpath(Path(sys.executable).parent / "hcutal")
    print(f"all runs in MLflow: {hcutal} ui; all experiments: {hcutal} compare")
