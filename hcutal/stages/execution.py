"""What an execution of a stage took: when, how long, how much memory, on what.

It stands beside the results, in `.hcutal/executions`, never in them: the same inputs give the same bytes.
"""

import os
import platform
import resource
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from hcutal.files import write_json
from hcutal.layout import CODE, last_execution
from hcutal.progress import work_of

STATUS = Path("/proc/self/status")


@contextmanager
def recorded(stage: str) -> Iterator[None]:
    """Write what the present process took for a stage, such as `train@watch.0`, unless it fails, and how far it is.

    The record has `started` and `ended` (s since 1970, UTC), `cpu_seconds`, `peak_memory_mb` of the largest process,
    `device`, `machine` and `cores`, and with CUDA `peak_gpu_memory_mb`. Outside of a project nothing is written.
    """
    if not CODE.exists():
        yield
        return
    with work_of(stage):
        yield
    write_json(last_execution(stage), {"stage": stage, **_taken()})


def _taken() -> dict[str, Any]:
    times = os.times()
    return {
        # The process began with its imports, which are a good part of a short stage.
        "started": psutil.Process().create_time(),
        "ended": time.time(),
        "cpu_seconds": times.user + times.system + times.children_user + times.children_system,
        "peak_memory_mb": max(_own_peak(), _peak(resource.RUSAGE_CHILDREN)),
        "machine": socket.gethostname(),
        "cores": os.cpu_count(),
        **_device(),
    }


def _own_peak() -> float:
    """Of this process alone: what `getrusage` says holds that of the process that started it, too."""
    lines = STATUS.read_text().splitlines() if STATUS.exists() else []
    peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return peaks[0] / 1024 if peaks else _peak(resource.RUSAGE_SELF)


def _peak(who: int) -> float:
    """Megabytes; Linux counts in kilobytes, macOS in bytes."""
    return resource.getrusage(who).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1024)


def _device() -> dict[str, Any]:
    """The device that was used, without importing torch where the stage has not."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return {"device": f"cpu ({platform.machine()})"}
    return {
        "device": f"cuda ({torch.cuda.get_device_name()})",
        "peak_gpu_memory_mb": torch.cuda.max_memory_allocated() / (1 << 20),
    }
