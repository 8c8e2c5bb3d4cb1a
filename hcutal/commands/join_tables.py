"""`hcutal join-tables`: one table a recording, of those of several devices."""

from pathlib import Path

import click


@click.command("join-tables")
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the joined tables.")
@click.option(
    "--option",
    "-o",
    "options",
    multiple=True,
    metavar="KEY=VALUE",
    help="Parameter of the extractor vectors.",
)
def command(folders: tuple[Path, ...], out: Path, options: tuple[str, ...]) -> None:
    """Join the tables (.csv) in each FOLDER, one a device, on their clocks: OUT/<folder>.csv, at `fps` rows a second.

    They are recordings for `--extractor vectors`, with the columns `<file>.<column>`.
    """
    from hcutal.extract.joined_tables import join_tables
    from hcutal.extract.registry import read_options
    from hcutal.params.extractors import VectorFeatures
    from hcutal.params.section import validate

    params = validate(VectorFeatures, read_options(options), "options")
    for line in join_tables(folders, out, params):
        print(line)
