"""The address that a server of ours listens on: this machine alone, unless somebody says otherwise."""

import ipaddress
import sys

import click

from hcutal.errors import HcutalError

LOOPBACK = "127.0.0.1"

host_option = click.option(
    "--host",
    default=LOOPBACK,
    show_default=True,
    help="Address of this machine to listen on. Any other lets other machines in, and is warned of.",
)


def check_host(host: str, danger: str) -> None:
    """Warn where other machines reach an address, of the `danger` that it is.

    Raises:
        HcutalError: for all addresses at once (0.0.0.0): requests are held against the one that is expected.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        is_ours_alone = host == "localhost"
    else:
        if address.is_unspecified:
            raise HcutalError(f"--host: found {host}, which is any address; expected one of this machine")
        is_ours_alone = address.is_loopback
    if not is_ours_alone:
        print(f"warning: other machines reach {host}: {danger}", file=sys.stderr, flush=True)
