"""The address that servers listen on: others than this machine's own are warned of."""

import pytest

from hcutal.commands.host_option import warn_of_others
from hcutal.errors import HcutalError


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_this_machine_alone_needs_no_warning(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_others(host, "they see it")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("host", ["192.0.2.1", "machine.example"])
def test_an_address_that_others_reach_is_warned_of(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_others(host, "they see it")
    assert capsys.readouterr().err == f"warning: other machines reach {host}: they see it\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1", "2001:db8::1"])
def test_all_addresses_at_once_and_those_of_another_kind_are_refused(host: str) -> None:
    with pytest.raises(
        HcutalError, match=rf"--host: found {host}; expected one address of this machine, of IPv4"
    ):
        warn_of_others(host, "they see it")
