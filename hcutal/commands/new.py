"""`hcutal new`: a project for one's own recordings."""

import math
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import click
from click.core import ParameterSource

from hcutal.commands.feature_options import given, layout_options, named_from
from hcutal.errors import HcutalError
from hcutal.suites.paper_data import PAPER_DATASETS


def _pieces(context: click.Context, parameter: click.Parameter, value: str) -> float | Literal["auto"] | None:
    if value == "auto":
        return "auto"
    if value == "none":
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise click.BadParameter(f"found {value!r}; expected a number of seconds, none or auto")
    return seconds


@click.command("new")
@click.argument("project", type=click.Path(path_type=Path))
@click.option(
    "--videos",
    "--recordings",
    "source",
    type=click.Path(path_type=Path),
    help="Folder of the recordings; they stay where they are.",
)
@click.option(
    "--features",
    "root",
    type=click.Path(path_type=Path),
    help="In place of recordings: a folder of features with annotations, see docs/data.md; it stays where it is.",
)
@click.option(
    "--as",
    "paper",
    type=click.Choice(list(PAPER_DATASETS)),
    help="Which data set of the paper the features are of: its sizes, protocol and table.",
)
@click.option(
    "--annotations",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="To name clusters and to evaluate: JSON in ActivityNet's form, or files of annotation tools, each behind an "
    "--annotations of its own; optional. Of features: gt.json by default.",
)
@click.option(
    "--clusters",
    type=click.IntRange(2),
    help="Number of clusters; default: the annotated classes, or estimated.",
)
@click.option(
    "--pieces",
    default="auto",
    show_default=True,
    callback=_pieces,
    metavar="SECONDS|none|auto",
    help="Train on pieces of so many seconds, where recordings show several actions each; auto: few or long ones are.",
)
@click.option(
    "--names",
    type=click.Choice(["file", "path"]),
    default="file",
    show_default=True,
    help="Call recordings like their files, or like their paths: day1__left for day1/left.mp4.",
)
@click.option(
    "--extractor", default="i3d", show_default=True, help="What makes features: see docs/extractors.md."
)
@click.option(
    "--option", "-o", "options", multiple=True, metavar="KEY=VALUE", help="Parameter of the extractor."
)
@layout_options
def command(
    project: Path,
    source: Path | None,
    root: Path | None,
    paper: str | None,
    annotations: tuple[Path, ...],
    clusters: int | None,
    pieces: float | Literal["auto"] | None,
    names: Literal["file", "path"],
    extractor: str,
    options: tuple[str, ...],
    **layout: Any,
) -> None:
    """Start a project folder for your own recordings, or for features that you have.

    PROJECT gets the pipeline and a params.yaml that fits what was found; `hcutal run` in it does the rest.
    """
    if (source is None) == (root is None) or (paper and root is None):
        raise HcutalError("name one folder: --videos, or --features, which --as belongs to")
    _refuse_others(
        list(layout) if source else ["clusters", "pieces", "names", "extractor", "options"], source is None
    )
    if source is not None:
        _of_recordings(project, source, annotations, clusters, pieces, names, (extractor, options))
    elif len(annotations) > 1:
        raise HcutalError(f"--annotations: found {len(annotations)}; expected one, as these are of features")
    else:
        _of_features(project, root, paper, {**layout, "ground_truth": next(iter(annotations), None)})


def _of_recordings(
    project: Path,
    source: Path,
    annotations: tuple[Path, ...],
    clusters: int | None,
    pieces: float | Literal["auto"] | None,
    names: Literal["file", "path"],
    extraction: tuple[str, tuple[str, ...]],
) -> None:
    from hcutal.data.tools_to_annotations import json_of
    from hcutal.doctor.raw_recordings import listed_forms
    from hcutal.extract.registry import Recipe, read_options
    from hcutal.pipeline.found_recordings import annotated_text, assumption_text, found_text, picture_text
    from hcutal.pipeline.new_project import new_project
    from hcutal.pipeline.pace import extraction_text, waiting_text

    extractor, options = extraction
    recipe = Recipe(extractor, read_options(options))
    with TemporaryDirectory() as folder:
        given_file, said = json_of(annotations, Path(folder))
        for line in said:
            print(line)
        made = new_project(project, source, given_file, clusters, recipe, pieces, names)
    for reason in made.found.unreadable:
        click.echo(f"cannot be read: {reason}", err=True)
    for note in made.found.notes:
        click.echo(note, err=True)
    for form in listed_forms(made.found.read_as):
        print(f"read as: {form}")
    number = clusters or (
        "as many as annotated classes"
        if annotations
        else "their number is estimated; --clusters 5 would make it 5"
    )
    lines = [*found_text(made.found), *picture_text(made.found, sys.stdout.encoding or "ascii")]
    lines += [] if made.annotated is None else annotated_text(made.annotated)
    lines += [*assumption_text(made.found, made.pieces), f"clusters: {number}"]
    waiting = waiting_text(recipe.make())
    lines += [f"to be fetched first: {waiting}"] * bool(waiting)
    print("\n".join([*lines, extraction_text(made.extraction, made.found.recordings, made.found.seconds)]))
    _say_ready(project, "hcutal run")


def _refuse_others(names: list[str], is_of_features: bool) -> None:
    """Raise `HcutalError` for options that were given and are not of this kind of folder."""
    context = click.get_current_context()
    given_ones = [
        option.opts[0]
        for option in context.command.params
        if option.name in names
        and context.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE
    ]
    if given_ones:
        of, remedy = (
            ("recordings", "leave them out, or name --videos")
            if is_of_features
            else ("features", "of recordings they are parameters of the extractor, as in -o fps=30")
        )
        raise HcutalError(f"{', '.join(given_ones)}: of {of} alone; {remedy}")


def _of_features(project: Path, root: Path | None, paper: str | None, layout: dict[str, Any]) -> None:
    from hcutal.commands.findings_text import text_of
    from hcutal.pipeline.new_project import new_features_project

    assert root is not None
    for line in text_of(new_features_project(project, root, named_from(root, given(layout)), paper)):
        print(line)
    _say_ready(project, "hcutal run -n", "hcutal run")


def _say_ready(project: Path, *commands: str) -> None:
    print(f"{project} is ready; all its settings stand in {project / 'params.yaml'}. Go on with:")
    print("\n".join(f"    {command}" for command in (f"cd {project}", *commands)))
