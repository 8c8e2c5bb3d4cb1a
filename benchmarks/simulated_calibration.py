"""How hard the simulated world is: classic clustering of video means, and of the true action snippets.

Run `python benchmarks/simulated_calibration.py --seeds 4`; about ten seconds a seed on one core.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import AgglomerativeClustering, KMeans, SpectralClustering
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from hcutal.datasets.simulated import VideoPlan, draw_all_plans, draw_features, draw_world
from hcutal.params.simulated import SimulatedPrepare

TRIAL = {
    "classes": 20,
    "train_videos": 200,
    "test_videos": 210,
    "train_multi": 27,
    "test_multi": 34,
    "dimensions": {"rgb": 256, "flow": 256},
    "longest": 150.0,
}
PAPER = {"k-means": (0.04, 0.39), "agglomerative": (0.18, 0.58), "spectral": (0.39, 0.69)}
Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Pooled:
    """Training videos of one world: means of all snippets and of the action's [N, D], and classes [N]."""

    means: Array
    actions: Array
    classes: list[int]


def pool(seed: int) -> Pooled:
    params = SimulatedPrepare.model_validate({**TRIAL, "seed": seed})
    plan_rng, world_rng, video_rng = np.random.default_rng(params.seed).spawn(3)
    timelines = draw_all_plans(plan_rng, params)
    world = draw_world(world_rng, params)
    pooled = []
    for (name, timeline), rng in zip(timelines.items(), video_rng.spawn(len(timelines)), strict=True):
        if "_train_" not in name:
            continue
        streams = draw_features(rng, timeline, world, params)
        features = np.concatenate(list(streams.values()), axis=1)
        inside = action_snippets(timeline, len(features), params.snippet_frames / params.fps)
        normed = features / np.linalg.norm(features, axis=1, keepdims=True)
        pooled.append((features.mean(axis=0), normed[inside].mean(axis=0), int(timeline.classes[0])))
    means, actions, classes = zip(*pooled, strict=True)
    return Pooled(np.array(means), np.array(actions), list(classes))


def action_snippets(timeline: VideoPlan, count: int, seconds: float) -> npt.NDArray[np.bool_]:
    """Snippets [T] whose middle lies in an instance; all of them where no middle does."""
    middle = (np.arange(count)[:, None] + 0.5) * seconds
    inside = ((middle > timeline.starts) & (middle < timeline.ends)).any(axis=1)
    return inside if inside.any() else np.ones(count, dtype=bool)


def cluster(pooled: Pooled) -> dict[str, tuple[float, float]]:
    """ARI and NMI of each method; raw means as in Table 7, action means standardised (the ceiling)."""
    means = pooled.means
    actions = (pooled.actions - pooled.actions.mean(axis=0)) / pooled.actions.std(axis=0)
    classes = len(set(pooled.classes))
    gamma = 1 / (means.shape[1] * means.var())
    found = {
        "k-means": KMeans(classes, n_init=10, random_state=0).fit_predict(means),
        "agglomerative": AgglomerativeClustering(classes).fit_predict(means),
        "spectral": SpectralClustering(classes, gamma=gamma, random_state=0).fit_predict(means),
        "ceiling, k-means": KMeans(classes, n_init=10, random_state=0).fit_predict(actions),
        "ceiling, spectral": SpectralClustering(
            classes, affinity="nearest_neighbors", n_neighbors=8, random_state=0
        ).fit_predict(actions),
    }
    return {
        name: (
            float(adjusted_rand_score(pooled.classes, labels)),
            float(normalized_mutual_info_score(pooled.classes, labels)),
        )
        for name, labels in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4)
    scores = [cluster(pool(seed)) for seed in range(parser.parse_args().seeds)]
    print("| clustering, 20 clusters | ARI / NMI, mean | standard deviation | paper, Table 7 |")
    print("|---|---|---|---|")
    for name in scores[0]:
        values = np.array([score[name] for score in scores])
        (ari, nmi), (ari_spread, nmi_spread) = values.mean(axis=0), values.std(axis=0)
        paper = "{:.2f} / {:.2f}".format(*PAPER[name]) if name in PAPER else ""
        print(f"| {name} | {ari:.2f} / {nmi:.2f} | {ari_spread:.2f} / {nmi_spread:.2f} | {paper} |")


if __name__ == "__main__":
    main()
