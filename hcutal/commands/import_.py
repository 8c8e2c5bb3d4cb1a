"""`hcutal import`: bring data of one's own into the project."""

from pathlib import Path
from typing import Any

import click

from hcutal.commands.feature_options import Function, given, layout_options, named_from
from hcutal.commands.findings_text import text_of
from hcutal.suites.paper_data import PAPER_DATASETS, PaperDataset


@click.group("import")
def command() -> None:
    """Bring data of your own into the project."""


def folder_options(function: Function) -> Function:
    """Give a command the folder of the features, and all that says how they stand there."""
    root = click.option(
        "--root", required=True, type=click.Path(path_type=Path), help="Folder in a layout of the field."
    )
    annotations = click.option(
        "--annotations",
        "ground_truth",
        metavar="FILE",
        help="In ROOT or here, or THUMOS'14's own folder; default: gt.json.",
    )
    return root(annotations(layout_options(function)))


@command.command()
@click.argument("name")
@folder_options
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

    more = named_from(root, given(layout))
    found = add_dataset(PARAMS, name, root, fps, snippet_frames, preset, more)
    for line in text_of(found):
        print(line)
    print(f"added the data set and the experiment {name} to {PARAMS}; run it: hcutal run {name}")


def _paper_command(name: str, paper: PaperDataset) -> click.Command:
    """The command that adds a data set of the paper."""

    @click.command(name, help=f"Add features of {paper.title}, with the paper's sizes and protocol.")
    @folder_options
    def add(root: Path, **layout: Any) -> None:
        from hcutal.layout import PARAMS
        from hcutal.pipeline.add_dataset import add_paper_dataset

        found = add_paper_dataset(PARAMS, name, root, named_from(root, given(layout)))
        for line in text_of(found):
            print(line)
        print(f"added {paper.title} and the experiments of {paper.table} to {PARAMS}; run them:")
        for preset in ("", " --preset paper"):
            print(f"    hcutal run {paper.table} --data {name}{preset}")

    return add


for _name, _paper in PAPER_DATASETS.items():
    command.add_command(_paper_command(_name, _paper))
