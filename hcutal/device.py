"""The device that torch computes on."""

import torch

from hcutal.errors import HcutalError


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU; any other name is torch's.

    Raises:
        HcutalError: when torch knows no such device or has none here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise HcutalError(
            f"device: found {name!r}; expected auto, cpu, or a device that torch has here"
        ) from error
    return device
