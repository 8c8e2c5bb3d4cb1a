"""Presets, supervision and classic clusterings over several seeds, on built-in data and on folders of features.

Run `OMP_NUM_THREADS=1 python benchmarks/method.py --jobs 2` in the project's folder; it prints the table of
docs/results.md. Each seed makes built-in data anew and trains with the same number, in a temporary folder. With
`--features DIR FPS FRAMES` a folder in the layout of `hcutal import features` is measured as well. With `--join N`
recordings are put together, N at a time, so that each shows several actions.
"""

import argparse
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from joined import join
from simulated_calibration import TRIAL
from sklearn.metrics import adjusted_rand_score

from hcutal.cluster.baselines import cluster_baseline
from hcutal.data.annotations import read_annotations
from hcutal.data.store import FeatureStore
from hcutal.files import read_json, write_json
from hcutal.layout import RunPaths, run_name
from hcutal.model.packed import TrainingFeatures
from hcutal.params.document import Dataset, Document, Experiment, load, resolve
from hcutal.params.train_labels import Classic, PlainScaling

# The sizes of the preset `default` in the form of the preset `paper`, whose own sizes take hours.
SMALL = {"snippets": 100, "batch": 24, "pairs": 8, "embedding": 256, "refresh": 50}
BASELINES: tuple[Classic, ...] = ("kmeans", "agglomerative", "spectral")
OFF = {"video": False, "instance": False, "boundary": False}
RUNS = {
    **{
        method: {
            "preset": "default",
            "supervision": "unsupervised",
            "train": {"pseudo_labels": {method: {}}, "levels": {"video": False}},
        }
        for method in BASELINES
    },
    "baseline": {
        "preset": "default",
        "supervision": "unsupervised",
        "train": {"pseudo_labels": {"spectral": {}}, "levels": OFF},
    },
    "default": {"preset": "default", "supervision": "unsupervised"},
    "spread": {"preset": "default", "supervision": "unsupervised", "train": {"sampling": "spread"}},
    "estimated": {
        "preset": "default",
        "supervision": "unsupervised",
        "train": {"video": {"clusters": {"estimate": {}}}},
    },
    "estimated-once": {
        "preset": "default",
        "supervision": "unsupervised",
        "train": {"video": {"clusters": {"estimate": {"steps": 0}}}},
    },
    # Twice as many clusters as classes.
    "twice": {"preset": "default", "supervision": "unsupervised"},
    # 1.25 whitened directions a cluster, whatever the restarts say.
    "fixed": {"preset": "default", "supervision": "unsupervised", "train": {"video": {"components": 1.25}}},
    "twice-fixed": {
        "preset": "default",
        "supervision": "unsupervised",
        "train": {"video": {"components": 1.25}},
    },
    # Of `--piece` seconds.
    "pieces": {"preset": "default", "supervision": "unsupervised"},
    "pieces-twice": {"preset": "default", "supervision": "unsupervised"},
    "pieces-estimated": {
        "preset": "default",
        "supervision": "unsupervised",
        "train": {"video": {"clusters": {"estimate": {}}}},
    },
    "separated": {"preset": "default", "supervision": "unsupervised", "train": {"joint": False}},
    "paper": {"preset": "paper", "supervision": "unsupervised", "train": SMALL},
    "weak": {"preset": "default", "supervision": "weak"},
}


@dataclass(frozen=True)
class Data:
    """Built-in data (its kind) or a folder of features, with the number of classes.

    Attributes:
        joined: how many recordings are put together.
        piece: seconds, of the runs on pieces.
    """

    name: str
    classes: int
    folder: Path | None = None
    fps: float = 0.0
    frames: int = 0
    joined: int = 1
    piece: float = 4.0

    def dataset(self, document: Document, seed: int) -> Dataset:
        """As an entry of params.yaml; built-in data are made from `seed`."""
        video = {"video": {"clusters": self.classes}}
        if self.folder:
            prepare = {"fps": self.fps, "snippet_frames": self.frames}
            entry = {"kind": "features", "source": str(self.folder), "prepare": prepare, "train": video}
            return Dataset.model_validate(entry)
        given = document.datasets[self.name]
        sizes = TRIAL if self.name == "simulated" else {}
        changed = {"prepare": {**given.prepare, **sizes, "seed": seed}, "train": {**given.train, **video}}
        return Dataset.model_validate({**given.model_dump(), **changed})


BUILT_IN = [Data("watch", 6), Data("simulated", 20)]


def features(folder: str, fps: str, frames: str) -> Data:
    """A folder of features; the number of classes is that of its annotations."""
    path = Path(folder).resolve()
    classes = len(read_annotations(path / "gt.json").classes)
    return Data(path.name, classes, path, float(fps), int(frames))


def with_seed(document: Document, source: Data, seed: int) -> Document:
    """The document with one data set, made from `seed`, and one experiment a run."""
    data = source.dataset(document, seed)
    experiments = {
        name: Experiment.model_validate({"dataset": "data", "seeds": [seed], **run})
        for name, run in RUNS.items()
    }
    for name, experiment in experiments.items():
        if name.startswith("pieces"):
            experiment.train["pieces"] = {"seconds": source.piece}
    return document.model_copy(update={"datasets": {"data": data}, "experiments": experiments})


def measure(source: Data, run: str, seed: int) -> dict[str, float | str]:
    """Scores of one run on one data set."""
    from hcutal.stages import evaluate, features, map, prepare, propose, train

    if "twice" in run:
        source = replace(source, classes=2 * source.classes)
    document = with_seed(load(), source, seed)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_json("resolved.json", resolve(document))
        prepare.run("data")
        features.run("data")
        if source.joined > 1:
            join("data", source.joined, seed)
        row: dict[str, float | str] = {"data": source.name, "run": run, "seed": seed}
        name = run_name(run, seed)
        if method := next((name for name in BASELINES if name == run), None):
            row["oracle ARI"] = oracle(source.classes, method, seed)
        for stage in (train, map, propose, evaluate):
            stage.run(name, "data")
        clusters, found = (read_json(RunPaths.of(name).metrics(kind)) for kind in ("map", "evaluate"))
        tiou = [0.3, 0.4, 0.5, 0.6, 0.7] if source.name == "watch" else [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
        os.chdir("/")
    return row | {
        "ARI": clusters.get("ARI", np.nan),
        "NMI": clusters.get("NMI", np.nan),
        "ARI of action": found.get("ARI/action", np.nan),
        "average mAP": float(np.mean([found[f"mAP/{threshold:g}"] for threshold in tiou])),
        "chance": float(np.mean([found[f"chance/mAP/{threshold:g}"] for threshold in tiou])),
        "seconds": time.perf_counter() - started,
    }


def oracle(classes: int, method: Classic, seed: int) -> float:
    """ARI of a classic clustering with the scaling that labels say is best, of snippets and of means."""
    labels = read_json("data/data/labels.json")
    videos = pd.read_csv("data/data/videos.csv").query("subset == 'train'")["video"].tolist()
    truth = [min(labels[video]) for video in videos]
    features = TrainingFeatures(FeatureStore("features/data"), videos, torch.device("cpu"))
    scalings: tuple[PlainScaling, ...] = ("none", "l2", "standard")
    return max(
        float(adjusted_rand_score(truth, cluster_baseline(means, classes, method, seed, scaling)))
        for means in (features.means(), features.pooled())
        for scaling in scalings
    )


def main() -> None:
    """Run all and print the mean and the spread over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    names = [data.name for data in BUILT_IN]
    parser.add_argument("--data", nargs="*", default=names, choices=names)
    parser.add_argument("--features", nargs=3, action="append", default=[], metavar=("DIR", "FPS", "FRAMES"))
    parser.add_argument("--join", type=int, default=1, metavar="N")
    parser.add_argument("--piece", type=float, default=4.0, metavar="SECONDS")
    parser.add_argument("--runs", nargs="+", default=list(RUNS), choices=list(RUNS))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--output", type=Path, help="a CSV file with a row a run")
    arguments = parser.parse_args()
    sources = [data for data in BUILT_IN if data.name in arguments.data]
    sources += [features(*values) for values in arguments.features]
    sources = [replace(each, joined=arguments.join, piece=arguments.piece) for each in sources]
    os.environ.setdefault("TQDM_DISABLE", "1")
    with ProcessPoolExecutor(arguments.jobs, max_tasks_per_child=1) as pool:
        jobs = [
            pool.submit(measure, source, run, seed)
            for source in sources
            for run in arguments.runs
            for seed in arguments.seeds
        ]
        rows = []
        for job in as_completed(jobs):
            rows.append(job.result())
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows).sort_values(["data", "run", "seed"])
    if arguments.output:
        table.to_csv(arguments.output, index=False)
    scores = table.drop(columns="seed").groupby(["data", "run"], sort=False)
    summary = scores.mean().map("{:.3f}".format) + " ± " + scores.std().map("{:.3f}".format)
    order = [(source.name, run) for source in sources for run in arguments.runs]
    print(summary.reindex(order).to_string())


if __name__ == "__main__":
    main()
