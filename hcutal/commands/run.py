"""`hcutal run`: bring experiments up to date."""

import os
import shutil
import sys
from pathlib import Path

import click

from hcutal.errors import HcutalError


@click.command("run")
@click.argument("experiments", nargs=-1, metavar="[EXPERIMENT]...")
@click.option("--cores", default="all", show_default=True, help="How many cores, a number or `all`.")
@click.option("--dry-run", "-n", is_flag=True, help="Show what would run.")
@click.option("--profile", default="default", show_default=True, help="A folder of workflow/profiles.")
def command(experiments: tuple[str, ...], cores: str, dry_run: bool, profile: str) -> None:
    """Bring all experiments, or those named, up to date."""
    from hcutal.layout import PROFILES
    from hcutal.params.document import load
    from hcutal.pipeline.run import require_project, run_pipeline

    require_project()
    known = list(load().experiments)
    for name in experiments:
        if name not in known:
            raise HcutalError(f"no experiment {name!r} in params.yaml; there is {', '.join(known)}")
    folder = PROFILES / profile
    status = run_pipeline(experiments, cores, dry_run, lambda text: click.echo(text, err=True), folder)
    if status == 0 and not dry_run:
        _show_results(experiments or tuple(known))
    sys.exit(status)


def _show_results(experiments: tuple[str, ...]) -> None:
    from hcutal.layout import LOGS, ExperimentFiles
    from hcutal.pipeline.compare import headline, show
    from hcutal.pipeline.records import is_tracked, track_name

    table = headline(experiments)
    print("\n" + ("not evaluated: no annotations" if table.columns.empty else show(table)) + "\n")
    for name in experiments:
        print(f"report: {ExperimentFiles.of(name).page}")
    for name in experiments:
        if not is_tracked(name):
            print(
                f"not in MLflow yet: {name} ({LOGS / track_name(name)}.log says why); the next run tries again"
            )
    # `make run` does not put the environment on the PATH.
    hcutal = "hcutal" if shutil.which("hcutal") else os.path.relpath(Path(sys.executable).parent / "hcutal")
    print(f"all runs in MLflow: {hcutal} ui")
