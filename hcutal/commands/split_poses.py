"""`hcutal split-poses`: a recording of each animal or person, of files that hold several."""

from pathlib import Path

import click


@click.command("split-poses")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the tables.")
def command(files: tuple[Path, ...], out: Path) -> None:
    """Write a table (DeepLabCut's form) of each individual in FILEs of poses: OUT/<file>_<individual>.csv.

    They are recordings for `--extractor poses`. Whoever is never seen has none.
    """
    from hcutal.extract.poses.split import split_poses

    for line in split_poses(files, out):
        print(line)
