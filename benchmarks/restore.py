"""What it costs to hold restored files against dvc.lock: DVC's own restoring of a folder of features, and the check.

Run `python benchmarks/restore.py [--files N] [--megabytes M]` in the repository's folder: it makes a DVC project in a
temporary folder. Times are of the clock, the median of the rounds.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from hcutal.pipeline.restored import damaged_outputs

FOLDER = Path("features")


def make(files: int, megabytes: float) -> None:
    """A DVC project in the present folder with one stage, whose output is a folder of so many files."""
    FOLDER.mkdir()
    values = np.random.default_rng(0)
    for number in range(files):
        (FOLDER / f"{number:04d}.npy").write_bytes(values.bytes(int(megabytes * 2**20)))
    stage = {"stages": {"features": {"cmd": "true", "outs": [str(FOLDER)]}}}
    with Path("dvc.yaml").open("w") as stream:
        YAML().dump(stage, stream)
    dvc("init", "--no-scm", "--quiet")
    dvc("commit", "--force", "--quiet")


def dvc(*arguments: str) -> None:
    """Run a command of DVC."""
    subprocess.run([sys.executable, "-m", "dvc", *arguments], check=True)


def timed(function: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def main() -> None:
    """Print both times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--megabytes", type=float, default=5.0, help="of each file")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make(options.files, options.megabytes)
        entry = YAML(typ="safe").load(Path("dvc.lock"))["stages"]["features"]
        restored, checked = [], []
        for _ in range(options.rounds):
            shutil.rmtree(FOLDER)
            restored.append(timed(lambda: dvc("checkout", "--quiet")))
            checked.append(timed(lambda: damaged_outputs(entry)))
        os.chdir("/")
    size = options.files * options.megabytes
    first, second = statistics.median(restored), statistics.median(checked)
    print(
        f"{options.files} files, {size:,.0f} MiB: restored by DVC in {first:.1f} s, checked in {second:.1f} s"
    )
    print(f"the check takes {second / (first + second):.0%} of both, {size / second:,.0f} MiB/s")


if __name__ == "__main__":
    main()
