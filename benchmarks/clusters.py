"""The estimate of the number of clusters, on built-in worlds and on folders of features.

Run `OMP_NUM_THREADS=1 python benchmarks/clusters.py [--features DIR FPS FRAMES]...` in the project's folder; it
prints the table of docs/results.md. The estimate of a folder depends on the seed only through the order of draws.
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from method import BUILT_IN, Data, features, with_seed
from tqdm import tqdm

from hcutal.data.store import FeatureStore
from hcutal.files import write_json
from hcutal.model.packed import TrainingFeatures
from hcutal.model.sizes import fitted, with_clusters
from hcutal.model.training import Trainer
from hcutal.params.document import Document, load, resolve
from hcutal.params.train import TrainParams
from hcutal.params.train_video import ClusterEstimate, EstimateParams
from hcutal.stages import features as features_stage
from hcutal.stages import prepare


def estimate(document: Document, source: Data, seed: int) -> dict[str, object]:
    """The number that is estimated for one world, and how stable it and the true number are."""
    place = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_json("resolved.json", resolve(with_seed(document, source, seed)))
        prepare.run("data")
        features_stage.run("data")
        videos = pd.read_csv("data/data/videos.csv").query("subset == 'train'")["video"].tolist()
        training = TrainingFeatures(FeatureStore("features/data"), videos, torch.device("cpu"))
        params = TrainParams(seed=seed)
        wide = ClusterEstimate(estimate=EstimateParams(most=24))
        open_end = params.video.model_copy(update={"clusters": wide})
        params = fitted(params.model_copy(update={"video": open_end}), training)
        _, found = with_clusters(params, training, None, lambda short: first_look(short, training))
        os.chdir(place)
    return {
        "data": source.name,
        "seed": seed,
        "classes": source.classes,
        "of whole recordings": int(found["estimated_clusters/recordings"]),
        "estimated": int(found["estimated_clusters"]),
        "range": f"{found['estimated_clusters/fewest']:.0f} to {found['estimated_clusters/most']:.0f}",
        "most stable": int(found["estimated_clusters/stable"]),
        "stability of that": found[f"stability/{found['estimated_clusters/stable']:.0f}"],
        "of the true number": found[f"stability/{source.classes}"],
    }


def first_look(params: TrainParams, features: TrainingFeatures) -> np.ndarray:
    """What the snippets that a short training takes for the action are like, [N, D]."""
    trainer = Trainer(features, params, None, torch.device("cpu"))
    trainer.run()
    return trainer.level.means().numpy()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    parser.add_argument("--features", nargs=3, action="append", default=[], metavar=("DIR", "FPS", "FRAMES"))
    arguments = parser.parse_args()
    sources = [*BUILT_IN, *(features(*given) for given in arguments.features)]
    worlds = [(source, seed) for source in sources for seed in arguments.seeds]
    rows = [estimate(load(), source, seed) for source, seed in tqdm(worlds, disable=None)]
    print(pd.DataFrame(rows).to_markdown(index=False, floatfmt=".2f"))
