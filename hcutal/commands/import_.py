"""`hcutal import`: bring data of one's own into the project."""

from pathlib import Path
from typing import Any

import click

from hcutal.commands.feature_options import given, layout_options
from hcutal.commands.findings_text import text_of


@click.group("import")
def command() -> None:
    """Bring data of your own into the project."""


@command.command()
@click.argument("name")
@click.option(
    "--root", required=True, type=click.Path(path_type=Path), help="Folder in the layout of the field."
)
@layout_options
@click.option(
    "--preset",
    default="default",
    show_default=True,
    help="Of the experiment; paper has the printed form and sizes.",
)
def features(name: str, root: Path, fps: float, snippet_frames: int, preset: str, **layout: Any) -> None:
    """Add the features under ROOT to params.yaml as data set NAME.

    Everything in ROOT is read and checked first, as by `hcutal doctor ROOT`; where it cannot be used, nothing is added.
    """
    from hcutal.layout import PARAMS
    from hcutal.pipeline.add_dataset import add_dataset

    found = add_dataset(PARAMS, name, root, fps, snippet_frames, preset, given(layout))
    for line in text_of(found):
        print(line)
    print(f"added the data set and the experiment {name} to {PARAMS}; run it: hcutal run {name}")
