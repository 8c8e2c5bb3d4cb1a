"""`hcutal convert`: annotations of people's tools in the form that hcutal reads."""

from pathlib import Path

import click


@click.command("convert")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="JSON in ActivityNet's form.")
@click.option("--unit", type=click.Choice(["s", "ms", "frames"]), help="Of times; default: as the file says.")
@click.option(
    "--fps", type=click.FloatRange(0, min_open=True), help="Frames a second, where times are frames."
)
def command(files: tuple[Path, ...], out: Path, unit: str | None, fps: float | None) -> None:
    """Make annotations of FILEs: tables (.csv, .tsv), ELAN .eaf, Audacity .txt, .boris, Label Studio and VIA
    .json.

    Recordings are called as the files name their films, else like the file. What is no segment is left out and counted.
    """
    from hcutal.data.tool_rows import Units
    from hcutal.data.tools_to_annotations import convert

    for line in convert(files, out, Units(unit, fps)):
        print(line)
