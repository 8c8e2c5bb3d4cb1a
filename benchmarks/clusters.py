"""The estimate of the number of clusters, on worlds that nothing was chosen on.

Run `OMP_NUM_THREADS=1 python benchmarks/clusters.py` in the project's folder; it prints the table of docs/results.md.
"""

import argparse
import os
import tempfile
from pathlib import Path

import pandas as pd
import torch
from method import with_seed
from tqdm import tqdm

from hcutal.data.store import FeatureStore
from hcutal.files import write_json
from hcutal.model.packed import TrainingFeatures
from hcutal.params.document import Document, load, resolve
from hcutal.params.train import TrainParams
from hcutal.params.train_video import ClusterEstimate, EstimateParams
from hcutal.stages import features, prepare
from hcutal.stages.train import with_clusters

CLASSES = {"watch": 6, "simulated": 20}


def estimate(document: Document, kind: str, seed: int) -> dict[str, object]:
    """The number that is estimated for one world, and how stable it and the true number are."""
    place = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_json("resolved.json", resolve(with_seed(document, kind, seed)))
        prepare.run("data")
        features.run("data")
        videos = pd.read_csv("data/data/videos.csv").query("subset == 'train'")["video"].tolist()
        training = TrainingFeatures(FeatureStore("features/data"), videos, torch.device("cpu"))
        os.chdir(place)
    params = TrainParams(seed=seed)
    wide = ClusterEstimate(estimate=EstimateParams(most=24))
    open_end = params.video.model_copy(update={"clusters": wide})
    _, found = with_clusters(params.model_copy(update={"video": open_end}), training, None)
    return {
        "data": kind,
        "seed": seed,
        "classes": CLASSES[kind],
        "estimated": int(found["estimated_clusters"]),
        "stability of the estimate": found[f"stability/{found['estimated_clusters']:.0f}"],
        "of the true number": found[f"stability/{CLASSES[kind]}"],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    arguments = parser.parse_args()
    worlds = [(kind, seed) for kind in CLASSES for seed in arguments.seeds]
    rows = [estimate(load(), kind, seed) for kind, seed in tqdm(worlds, disable=None)]
    print(pd.DataFrame(rows).to_markdown(index=False, floatfmt=".2f"))
