"""The device that torch computes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from hcutal import device
from hcutal.device import pick_device
from hcutal.errors import HcutalError


def test_devices() -> None:
    assert pick_device("cpu").type == "cpu"
    assert pick_device("auto").type in ("cpu", "cuda")
    with pytest.raises(HcutalError, match="'toaster'; expected auto, cpu"):
        pick_device("toaster")


TAKE = """
import torch
from hcutal.device import pick_device
torch.cuda.is_available, torch.cuda.device_count = lambda: True, lambda: 2
print(pick_device("auto"), pick_device("auto"), flush=True)
input()
"""


def test_runs_side_by_side_spread_over_the_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    taken = []
    processes = []
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", TAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        taken.append(process.stdout.readline().split())
        processes.append(process)
    for process in processes:
        process.communicate("\n")
    # A process keeps its own; the third finds none free.
    assert taken == [["cuda:0", "cuda:0"], ["cuda:1", "cuda:1"], ["cuda:0", "cuda:0"]]


def test_one_gpu_is_shared() -> None:
    assert device._free_gpu(1) == "cuda"
