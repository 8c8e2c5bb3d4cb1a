"""`hcutal localize`: apply a trained run to new recordings."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from hcutal.commands.worker_option import worker_option
from hcutal.errors import HcutalError
from hcutal.localize.choice import Choice

if TYPE_CHECKING:
    from hcutal.apply.trained import TrainedRun

FORMATS = ("elan", "label-studio", "audacity", "boris")


def _split(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    for name in names:
        if name not in FORMATS:
            raise click.BadParameter(
                f"found {name!r}; expected some of {', '.join(FORMATS)}, with commas between"
            )
    return names


@click.command("localize")
@click.argument(
    "recordings", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="VIDEO|FEATURES..."
)
@click.option(
    "--run",
    "name",
    required=True,
    help="A run of the project (watch.1), an experiment (its first seed), a folder with a run, an MLflow model "
    "(models:/hcutal-watch/1) or run id.",
)
@click.option(
    "--out",
    default="localized",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for the results.",
)
@click.option("--format", "formats", default="", callback=_split, help=f"Any of {','.join(FORMATS)} as well.")
@click.option(
    "--min-score", default=Choice.min_score, show_default=True, help="Segments of at least this score."
)
@click.option("--top", type=click.IntRange(1), help="So many segments a recording at most.")
@click.option(
    "--overlap",
    default=Choice.overlap,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="The tIoU up to which segments of a class may overlap.",
)
@click.option("--media-url", default="", help="Put before a file's name for Label Studio.")
@click.option(
    "--previews/--no-previews",
    default=True,
    show_default=True,
    help="Small copies of films that browsers do not play, for the page.",
)
@worker_option
@click.option(
    "--threads", default=1, show_default=True, type=click.IntRange(1), help="Threads of each of them."
)
@click.option("--force", is_flag=True, help="Replace exports that are there.")
def command(
    recordings: tuple[Path, ...],
    name: str,
    out: Path,
    formats: tuple[str, ...],
    min_score: float,
    top: int | None,
    overlap: float,
    media_url: str,
    previews: bool,
    workers: int | Literal["auto"],
    threads: int,
    force: bool,
) -> None:
    """Find actions in new recordings with a trained run.

    Named are recordings, .npy of features, or folders of either. One that fails is reported and does not stop the
    others; the exit status is then 1.
    """
    from hcutal.apply.inputs import gather
    from hcutal.apply.localize_recordings import localize_all
    from hcutal.export.folder import write_folder
    from hcutal.export.formats import refuse_existing

    run = _find(name)
    inputs = gather(recordings, run)
    if not force:
        refuse_existing(out, formats, [*inputs.features, *inputs.media])
    outcome = localize_all(inputs, run, workers, threads)
    for failed, reason in outcome.failed.items():
        click.echo(f"failed: {reason if failed in reason else f'{failed}: {reason}'}", err=True)
    if not outcome.found:
        raise HcutalError(f"none of {len(outcome.failed)} recordings could be localized")
    written = write_folder(out, run, outcome, Choice(overlap, min_score, top), formats, media_url, previews)
    count = sum(len(recording.segments) for recording in written)
    noun = "recording" if len(written) == 1 else "recordings"
    segments = "segment" if count == 1 else "segments"
    print(f"{len(written)} {noun}, {count} {segments}: {out / 'timeline.html'}")
    sys.exit(1 if outcome.failed else 0)


def _find(name: str) -> "TrainedRun":
    """Read the run that is meant; only an address of MLflow needs MLflow."""
    if name.startswith(("models:/", "runs:/")) or re.fullmatch(r"[0-9a-f]{32}", name):
        from hcutal.pipeline.mlflow_log.model_registry import fetch_run

        return fetch_run(name)
    from hcutal.apply.trained import find_run

    return find_run(name).load()
