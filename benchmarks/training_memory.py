"""The peak memory of the train stage on sets of the sizes of ActivityNet 1.3 and THUMOS'14.

Run `OMP_NUM_THREADS=1 python benchmarks/training_memory.py activitynet` (or `thumos`) in the project's folder; it
prints a row of the table of docs/benchmarks.md. The features are random float16, made in a temporary folder
(`TMPDIR`); the whole stage runs on them, with a warm-up, a feedback and a few joint steps.
"""

import argparse
import os
import resource
import tempfile
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcutal.data.store import write_store
from hcutal.data.times import SnippetTimes
from hcutal.files import write_json
from hcutal.layout import DatasetFiles, features_dir
from hcutal.params.train import TrainParams

D = 2048
GIB = 2**20


@dataclass(frozen=True)
class Size:
    """A data set: the recordings, the snippets of the shortest and of the longest, classes, and T of training."""

    recordings: int
    shortest: int
    longest: int
    classes: int
    snippets: int


SIZES = {
    "activitynet": Size(15_000, 50, 50, 200, 50),
    # Training recordings as long as those of the validation set: 200, most of a few minutes.
    "thumos": Size(200, 100, 3000, 20, 750),
}


def write_project(size: Size, arguments: argparse.Namespace) -> None:
    """A project in the working directory with one data set, one experiment and random features."""
    generator = np.random.default_rng(0)
    centres = generator.random((size.classes, D), dtype=np.float32)
    names = [f"v{index:05}" for index in range(size.recordings)]
    with write_store(features_dir("data"), "random", SnippetTimes(25.0, 16, 16)) as writer:
        for index, name in enumerate(names):
            length = int(generator.integers(size.shortest, size.longest, endpoint=True))
            noise = generator.random((length, D), dtype=np.float32)
            values = (centres[index % size.classes] + noise).astype(np.float16)
            writer.add(name, {"rgb": values[:, : D // 2], "flow": values[:, D // 2 :]})
    data = DatasetFiles.of("data")
    data.folder.mkdir(parents=True)
    videos = pd.DataFrame({"video": names, "subset": "train", "duration": 1.0})
    videos.to_csv(data.videos, index=False)
    write_json(data.supervision("unsupervised"), {"labels": None})
    params = {
        "snippets": size.snippets,
        "batch": arguments.batch,
        "embedding": arguments.embedding,
        "steps": arguments.steps,
        "refresh": max(1, arguments.steps // 2),
        "video": {"clusters": size.classes, "warmup": arguments.steps, "restarts": 2},
    }
    train = TrainParams.model_validate(params).model_dump(mode="json")
    write_json("resolved.json", {"runs": {"run": {"0": {"train": train}}}})


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """One row of the table; the features are written by a process of its own."""
    size = SIZES[arguments.data]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        if (child := os.fork()) == 0:
            write_project(size, arguments)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        # Torch is imported here: before, the process of the features would have had it as well.
        from hcutal.stages import train

        start = time.process_time()
        train.run("run.0", "data")
        os.chdir("/")
    return {
        "data": arguments.data,
        "recordings": size.recordings,
        "T": size.snippets,
        "batch": arguments.batch,
        "E": arguments.embedding,
        "peak memory (GiB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB,
        "CPU (s)": time.process_time() - start,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", choices=SIZES)
    for name, default in (("batch", 64), ("embedding", 256), ("steps", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    print(pd.DataFrame([measure(parser.parse_args())]).to_markdown(index=False, floatfmt=".3g"))
