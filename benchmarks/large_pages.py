"""What the page of a run costs where the folder holds many recordings: seconds, memory and megabytes.

Run `python benchmarks/large_pages.py 300 3000` in the repository's folder. The runs are made up, of recordings without
pictures: two minutes each, 12 clusters, 20 proposals a recording; film strips and previews come on top.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from hcutal.params.report import ReportParams
from hcutal.report.pages.run_page import write_report
from hcutal.report.run_outputs import read_outputs
from tests.report.folder import write_folder

CLUSTERS, PROPOSALS, SECONDS = 12, 20, 120


def write_run(count: int) -> None:
    """The outputs of a run on so many recordings, in the present folder."""
    rng = np.random.default_rng(0)
    names = [f"day {number // 50:02d}/recording {number:04d}" for number in range(count)]
    clusters = {name: int(rng.integers(CLUSTERS)) for name in names}
    starts = rng.uniform(0, SECONDS - 10, (count, PROPOSALS))
    ends = starts + rng.uniform(1, 10, (count, PROPOSALS))
    scores = rng.uniform(0, 1, (count, PROPOSALS))
    labels = [f"cluster-{number:02d}" for number in range(CLUSTERS)]
    proposals = {
        name: [
            (labels[clusters[name] if rng.random() < 0.7 else rng.integers(CLUSTERS)], *map(float, values))
            for values in zip(starts[row], ends[row], scores[row], strict=True)
        ]
        for row, name in enumerate(names)
    }
    files = {name: Path("recordings", f"{name}.npy") for name in names}
    write_folder(files, proposals, clusters, dict(enumerate(labels)), snippets=SECONDS)


def main() -> None:
    """Print a line for each number of recordings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", type=int, nargs="+", metavar="RECORDINGS")
    parser.add_argument("--keep", type=Path, help="folder in which the pages are kept")
    options = parser.parse_args()
    keep = options.keep.resolve() if options.keep else None
    for count in options.counts:
        with tempfile.TemporaryDirectory() as folder:
            target = keep / str(count) if keep else Path(folder)
            target.mkdir(parents=True, exist_ok=True)
            os.chdir(target)
            write_run(count)
            before = time.process_time()
            write_report("results/mine/seed-0/report", read_outputs("mine.0", "folder"), ReportParams())
            seconds = time.process_time() - before
            size = Path("results/mine/seed-0/report/report.html").stat().st_size
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{count:>6} recordings: {seconds:5.1f} CPU s, {size / 1e6:.1f} MB, {memory:.0f} MB of memory"
            )
            os.chdir("/")


if __name__ == "__main__":
    main()
