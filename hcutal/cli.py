"""The command `hcutal`. What a command needs is imported by that command, so that `--help` is quick."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from hcutal import __version__
from hcutal.errors import HcutalError


class Group(click.Group):
    """Errors of the user in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit status 1 with the message when the input is bad."""
        try:
            return super().invoke(ctx)
        except HcutalError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Group)
@click.version_option(__version__)
def main() -> None:
    """Find actions in untrimmed recordings without labels. Run this in the project's folder."""


@main.command()
@click.argument("experiments", nargs=-1, metavar="[EXPERIMENT]...")
@click.option("--cores", default="all", show_default=True, help="How many cores, a number or `all`.")
@click.option("--dry-run", "-n", is_flag=True, help="Show what would run.")
@click.option("--profile", default="default", show_default=True, help="A folder of workflow/profiles.")
def run(experiments: tuple[str, ...], cores: str, dry_run: bool, profile: str) -> None:
    """Bring all experiments, or those named, up to date."""
    from hcutal.params.document import load
    from hcutal.pipeline.run import run_pipeline

    known = list(load().experiments)
    for name in experiments:
        if name not in known:
            raise HcutalError(f"no experiment {name!r} in params.yaml; there is {', '.join(known)}")
    folder = Path("workflow", "profiles", profile)
    status = run_pipeline(experiments, cores, dry_run, lambda text: click.echo(text, err=True), folder)
    if status == 0 and not dry_run:
        _show_results(experiments or tuple(known))
    sys.exit(status)


def _show_results(experiments: tuple[str, ...]) -> None:
    from hcutal.layout import results_dir
    from hcutal.pipeline.compare import headline, show

    print("\n" + show(headline(experiments)) + "\n")
    for name in experiments:
        print(f"report: {results_dir(name, 'report') / 'report.html'}")
    # `make run` does not put the environment on the PATH.
    command = "hcutal" if shutil.which("hcutal") else os.path.relpath(Path(sys.executable).parent / "hcutal")
    print(f"all runs in MLflow: {command} ui")


@main.command()
def compare() -> None:
    """Print and write the table of all experiments: metrics and differing parameters."""
    from hcutal.pipeline.compare import CSV, MARKDOWN, show, write

    print(show(write()))
    print(f"written to {CSV} and {MARKDOWN}")


@main.command()
@click.argument("experiment", required=False)
def params(experiment: str | None) -> None:
    """Check params.yaml; show the values that reach EXPERIMENT."""
    from ruamel.yaml import YAML

    from hcutal.params.document import load, resolve

    document = load()
    resolved = resolve(document)["experiments"]
    if experiment is None:
        print(f"params.yaml is valid; experiments: {', '.join(resolved)}")
        return
    if experiment not in resolved:
        raise HcutalError(
            f"no experiment {experiment!r} in params.yaml; there is {', '.join(sorted(resolved))}"
        )
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(resolved[experiment], sys.stdout)


@main.command()
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
def ui(port: int) -> None:
    """Serve the MLflow pages of all runs on this machine."""
    from hcutal.pipeline.store import experiment_id, is_own, tracking_uri

    place = experiment_id()
    if is_own() and place is None:
        raise HcutalError("no run is logged yet; start with: hcutal run")
    page = f"/#/experiments/{place}/runs" if place else ""
    print(f"open http://127.0.0.1:{port}{page} (ready in some seconds; Ctrl-C ends it)", flush=True)
    command = [
        "-m",
        "mlflow",
        "ui",
        "--backend-store-uri",
        tracking_uri(),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    try:
        sys.exit(subprocess.run([sys.executable, *command], env=environment, check=False).returncode)
    except KeyboardInterrupt:
        sys.exit(0)


@main.group("import")
def import_() -> None:
    """Bring data of your own into the project."""


@import_.command()
@click.argument("name")
@click.option(
    "--root", required=True, type=click.Path(path_type=Path), help="Folder in the layout of the field."
)
@click.option("--fps", default=25.0, show_default=True, help="Frames a second of the videos.")
@click.option("--snippet-frames", default=16, show_default=True, help="Frames a feature vector stands for.")
def features(name: str, root: Path, fps: float, snippet_frames: int) -> None:
    """Add the features under ROOT to params.yaml as data set NAME."""
    from hcutal.params.document import PARAMS
    from hcutal.pipeline.add_dataset import add_dataset

    add_dataset(PARAMS, name, root, fps, snippet_frames)
    print(f"added the data set and the experiment {name} to {PARAMS}; run it: hcutal run {name}")


if __name__ == "__main__":
    main()
