"""The method on worlds that nothing was chosen on: presets, supervision and classic clustering over three seeds.

Run `OMP_NUM_THREADS=1 python benchmarks/method.py --jobs 2` in the project's folder; it prints the table of
docs/results.md. Each seed makes its data anew and trains with the same number, in a temporary folder.
"""

import argparse
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import pandas as pd
from simulated_calibration import TRIAL
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from hcutal.cluster.baselines import cluster_baseline
from hcutal.data.store import FeatureStore
from hcutal.files import read_json, write_json
from hcutal.params.document import Dataset, Document, Experiment, load, resolve

CLASSES = {"watch": 6, "simulated": 20}
RUNS = {
    "default": {"preset": "default", "supervision": "unsupervised"},
    "separated": {"preset": "default", "supervision": "unsupervised", "train": {"joint": False}},
    "paper": {"preset": "paper", "supervision": "unsupervised"},
    "weak": {"preset": "default", "supervision": "weak"},
}
BASELINES = ("kmeans", "agglomerative", "spectral")


def with_seed(document: Document, kind: str, seed: int) -> Document:
    """The document with one data set, made from `seed`, and one experiment a run."""
    dataset = document.datasets[kind]
    sizes = TRIAL if kind == "simulated" else {}
    train = {**dataset.train, "video": {**dataset.train.get("video", {}), "clusters": CLASSES[kind]}}
    prepare = {**dataset.prepare, **sizes, "seed": seed}
    data = Dataset.model_validate({**dataset.model_dump(), "prepare": prepare, "train": train})
    experiments = {
        name: Experiment.model_validate({"dataset": "data", "seed": seed, **run})
        for name, run in RUNS.items()
    }
    return document.model_copy(update={"datasets": {"data": data}, "experiments": experiments})


def measure(kind: str, run: str, seed: int) -> dict[str, float | str]:
    """Scores of one run on one world."""
    from hcutal.stages import evaluate, features, map, prepare, propose, train

    document = with_seed(load(), kind, seed)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_json("resolved.json", resolve(document))
        prepare.run("data")
        features.run("data")
        row: dict[str, float | str] = {"data": kind, "run": run, "seed": seed}
        if run in BASELINES:
            return row | baseline(kind, run, seed)
        for stage in (train, map, propose, evaluate):
            stage.run(run, "data")
        clusters = read_json(f"results/{run}/map/metrics.json")
        found = read_json(f"results/{run}/evaluate/metrics.json")
        tiou = [0.3, 0.4, 0.5, 0.6, 0.7] if kind == "watch" else [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
        os.chdir("/")
    return row | {
        "ARI": clusters.get("ARI", np.nan),
        "NMI": clusters.get("NMI", np.nan),
        "average mAP": float(np.mean([found[f"mAP/{threshold:g}"] for threshold in tiou])),
        "chance": float(np.mean([found[f"chance/mAP/{threshold:g}"] for threshold in tiou])),
        "seconds": time.perf_counter() - started,
    }


def baseline(kind: str, method: str, seed: int) -> dict[str, float]:
    """Classic clustering of the training videos' means; the scaling of the features that is best for the baseline."""
    store, labels = FeatureStore("features/data"), read_json("data/data/labels.json")
    videos = pd.read_csv("data/data/videos.csv").query("subset == 'train'")["video"]
    truth = [min(labels[video]) for video in videos]
    values = [store.read(video) for video in videos]
    snippets = np.concatenate(values)
    scaled = [(value - snippets.mean(axis=0)) / snippets.std(axis=0) for value in values]
    scores = []
    for arrays in (values, scaled):
        means = np.stack([array.mean(axis=0) for array in arrays])
        for scaling in ("none", "l2", "standard"):
            found = cluster_baseline(means, CLASSES[kind], method, seed, scaling)
            scores.append((adjusted_rand_score(truth, found), normalized_mutual_info_score(truth, found)))
    best = max(scores)
    return {"ARI": best[0], "NMI": best[1]}


def main() -> None:
    """Run all and print the mean and the spread over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    parser.add_argument("--data", nargs="+", default=list(CLASSES), choices=list(CLASSES))
    parser.add_argument("--runs", nargs="+", default=[*BASELINES, *RUNS], choices=[*BASELINES, *RUNS])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--output", type=Path, help="a CSV file with a row a run")
    arguments = parser.parse_args()
    os.environ.setdefault("TQDM_DISABLE", "1")
    with ProcessPoolExecutor(arguments.jobs, max_tasks_per_child=1) as pool:
        jobs = [
            pool.submit(measure, kind, run, seed)
            for kind in arguments.data
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
    summary = scores.mean().round(3).astype(str) + " ± " + scores.std().round(3).astype(str)
    order = [(kind, run) for kind in arguments.data for run in arguments.runs]
    print(summary.reindex(order).to_string())


if __name__ == "__main__":
    main()
