"""The addresses that servers of ours listen on."""

import ipaddress

from hcutal.errors import HcutalError

LOOPBACK = "127.0.0.1"


def is_ours_alone(host: str) -> bool:
    """Whether only this machine reaches an address.

    Raises:
        HcutalError: for all addresses at once (0.0.0.0), as requests are held against the one that is expected, and for
            those of IPv6, which nothing here is written for.

    >>> is_ours_alone("127.0.0.1"), is_ours_alone("localhost"), is_ours_alone("192.0.2.1")
    (True, True, False)
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    if address.version != 4 or address.is_unspecified:
        raise HcutalError(f"--host: found {host}; expected one address of this machine, of IPv4, or its name")
    return address.is_loopback
