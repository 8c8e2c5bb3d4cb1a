"""How many clusters unlabelled recordings fall into: a look at their mean features alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

from hcutal.errors import HcutalError

Floats = npt.NDArray[np.floating]
FEWEST_RECORDINGS = 4
# Clusters of fewer are no kinds of recordings, and nearly as many clusters as recordings look stable.
PER_CLUSTER = 4
# Share of the recordings in a subset: two subsets have about two thirds of all in common.
SHARE = 0.8


@dataclass(frozen=True)
class Estimate:
    """The number of clusters that was chosen, and the stability of each number that was tried."""

    clusters: int
    stability: dict[int, float]


def estimate_clusters(pooled: Floats, most: int, components: float, draws: int, seed: int) -> Estimate:
    """The number of clusters, 2 to `most` and at most N / 4, with the most stable clusterings (Ben-Hur et al. 2002).

    pooled: [N, D], mean features of the recordings. For each number, k-means clusters two random subsets of the
    recordings in their `components` whitened directions a cluster (0: all), and the adjusted Rand index of
    the two on the recordings that both hold is averaged over `draws` draws. No label is used. Of equals the
    lower number is taken. Raises `HcutalError` for fewer than 4 recordings.
    """
    if len(pooled) < FEWEST_RECORDINGS:
        raise HcutalError(
            f"{len(pooled)} recordings to train on; expected {FEWEST_RECORDINGS} or more where the number of "
            "clusters is to be estimated (train.video.clusters: {estimate: {}})"
        )
    rng = np.random.default_rng(seed)
    # The same distances in at most N dimensions.
    points = PCA(svd_solver="full").fit_transform(np.asarray(pooled, dtype=np.float64))
    size = max(int(SHARE * len(points)), 3)
    stability = {
        clusters: float(np.mean([_agreement(points, clusters, components, size, rng) for _ in range(draws)]))
        for clusters in range(2, max(min(most, len(points) // PER_CLUSTER), 2) + 1)
    }
    return Estimate(max(stability, key=lambda clusters: stability[clusters]), stability)


def _agreement(
    points: Floats, clusters: int, components: float, size: int, rng: np.random.Generator
) -> float:
    """Adjusted Rand index of clusterings of two random subsets, on what they have in common."""
    labels = np.full((2, len(points)), -1)
    for row in labels:
        subset = rng.permutation(len(points))[:size]
        kept = min(round(components * clusters) or size, size - 1, points.shape[1])
        whitened = PCA(kept, whiten=True, svd_solver="full").fit_transform(points[subset])
        state = int(rng.integers(2**31))
        row[subset] = KMeans(clusters, n_init=5, random_state=state).fit_predict(whitened)
    common = (labels >= 0).all(axis=0)
    return float(adjusted_rand_score(labels[0, common], labels[1, common]))
