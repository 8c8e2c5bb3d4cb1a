"""`hcutal extract`: features of recordings, outside of a pipeline."""

import sys
from pathlib import Path
from typing import Literal

import click

from hcutal.commands.worker_option import worker_option


@click.command("extract")
@click.argument("recordings", nargs=-1, required=True, metavar="VIDEO...", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the features.")
@click.option(
    "--extractor", default="i3d", show_default=True, help="What makes features: see docs/extractors.md."
)
@click.option("--streams", help="Of i3d: rgb, flow or rgb,flow; default: those that have weights.")
@click.option(
    "--option", "-o", "options", multiple=True, metavar="KEY=VALUE", help="Parameter of the extractor."
)
@worker_option
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="Threads of each.")
def command(
    recordings: tuple[Path, ...],
    out: Path,
    extractor: str,
    streams: str | None,
    options: tuple[str, ...],
    workers: int | Literal["auto"],
    threads: int,
) -> None:
    """Make features of VIDEOs (files, or folders of files): OUT/<stream>/<video>.npy and OUT/features.json.

    What OUT holds already is not extracted again. A recording that fails is reported and does not stop the
    others; the exit status is then 1.
    """
    from hcutal.extract.extend import extend_store
    from hcutal.extract.registry import Recipe, read_options

    values = read_options(options)
    if streams is not None:
        values["streams"] = streams.split(",")
    extracted = extend_store(Recipe(extractor, values), recordings, out, workers, threads)
    print(f"{len(extracted.folders)} extracted into {out}")
    if extracted.failed:
        reasons = "\n".join(f"  {name}: {reason}" for name, reason in extracted.failed.items())
        click.echo(f"{len(extracted.failed)} failed:\n{reasons}", err=True)
        sys.exit(1)
