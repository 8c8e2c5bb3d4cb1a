"""The option for the address that a server of ours listens on: this machine alone, unless somebody says otherwise."""

import sys

import click

from hcutal.addresses import LOOPBACK, is_ours_alone

host_option = click.option(
    "--host",
    default=LOOPBACK,
    show_default=True,
    help="Address of this machine to listen on. Any other lets other machines in, and is warned of.",
)


def warn_of_others(host: str, danger: str) -> None:
    """Warn where other machines reach an address, of the `danger` that it is; `HcutalError` as of `is_ours_alone`."""
    if not is_ours_alone(host):
        print(f"warning: other machines reach {host}: {danger}", file=sys.stderr, flush=True)
