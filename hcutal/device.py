"""The device that torch computes on."""

import getpass
import tempfile
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from hcutal.errors import HcutalError

# Locks of GPUs that this process computes on, held until it ends.
_held: dict[Path, FileLock] = {}


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU; any other name is torch's.

    Of several GPUs, `auto` takes the first that no other process of this user has taken so: runs side by side spread
    over them. CUDA_VISIBLE_DEVICES says which there are.

    Raises:
        HcutalError: when torch knows no such device or has none here.
    """
    if name == "auto":
        return torch.device(_free_gpu(torch.cuda.device_count()) if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise HcutalError(
            f"device: found {name!r}; expected auto, cpu, or a device that torch has here"
        ) from error
    return device


def _free_gpu(count: int) -> str:
    """The first GPU that no other process has taken; the first one where all are."""
    if count == 1:
        return "cuda"
    folder = Path(tempfile.gettempdir()) / f"hcutal-{getpass.getuser()}"
    folder.mkdir(exist_ok=True)
    for index in range(count):
        path = folder / f"gpu-{index}.lock"
        if path not in _held:
            lock = FileLock(path)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            _held[path] = lock
        return f"cuda:{index}"
    return "cuda:0"
