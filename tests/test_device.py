"""The device that torch computes on."""

import pytest

from hcutal.device import pick_device
from hcutal.errors import HcutalError


def test_devices() -> None:
    assert pick_device("cpu").type == "cpu"
    assert pick_device("auto").type in ("cpu", "cuda")
    with pytest.raises(HcutalError, match="'toaster'; expected auto, cpu"):
        pick_device("toaster")
