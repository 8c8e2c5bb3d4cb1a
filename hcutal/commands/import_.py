"""`hcutal import`: bring data of one's own into the project."""

from pathlib import Path

import click


@click.group("import")
def command() -> None:
    """Bring data of your own into the project."""


@command.command()
@click.argument("name")
@click.option(
    "--root", required=True, type=click.Path(path_type=Path), help="Folder in the layout of the field."
)
@click.option("--fps", default=25.0, show_default=True, help="Frames a second of the videos.")
@click.option("--snippet-frames", default=16, show_default=True, help="Frames a feature vector stands for.")
@click.option(
    "--preset",
    default="default",
    show_default=True,
    help="Of the experiment; paper has the printed form and sizes.",
)
def features(name: str, root: Path, fps: float, snippet_frames: int, preset: str) -> None:
    """Add the features under ROOT to params.yaml as data set NAME."""
    from hcutal.layout import PARAMS
    from hcutal.pipeline.add_dataset import add_dataset

    add_dataset(PARAMS, name, root, fps, snippet_frames, preset)
    print(f"added the data set and the experiment {name} to {PARAMS}; run it: hcutal run {name}")
