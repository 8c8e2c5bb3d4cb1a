"""How many clusters unlabelled recordings fall into, from their mean features alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

from hcutal.errors import HcutalError

Floats = npt.NDArray[np.floating]
FEWEST_RECORDINGS = 4
# Fewer recordings do not make a kind, and clusterings with nearly as many clusters as recordings look stable.
PER_CLUSTER = 4
# Share of the recordings in a subset; two subsets then have about two thirds of all recordings in common.
SHARE = 0.8


@dataclass(frozen=True)
class Estimate:
    """The number of clusters that was chosen, and the stability (mean adjusted Rand index) of each that was tried."""

    clusters: int
    stability: dict[int, float]


def estimate_clusters(pooled: Floats, most: int, components: float, draws: int, seed: int) -> Estimate:
    """The number of clusters whose clusterings are most stable (Ben-Hur et al. 2002).

    For each number of clusters, k-means is applied to two random subsets of the recordings, and the adjusted Rand
    index of the two clusterings is taken over the recordings that both subsets contain. The mean over the draws is
    the stability. No label is used. Between equals, the lower number is taken.

    Args:
        pooled: [N, D], mean features of the recordings.
        most: numbers from 2 to `most` are tried, and no more than N / 4.
        components: whitened directions of the features a cluster; 0 for all of them.
        draws: pairs of subsets for each number.
        seed: of the subsets and of k-means.

    Raises:
        HcutalError: for fewer than 4 recordings.

    Three groups far apart:

    >>> centres = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 8, axis=0)
    >>> recordings = centres + np.random.default_rng(0).normal(size=(24, 2))
    >>> estimate_clusters(recordings, most=5, components=0.0, draws=5, seed=0).clusters
    3
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
    """Adjusted Rand index of the clusterings of two random subsets, over the recordings in both."""
    labels = np.full((2, len(points)), -1)
    for row in labels:
        subset = rng.permutation(len(points))[:size]
        kept = min(round(components * clusters) or size, size - 1, points.shape[1])
        whitened = PCA(kept, whiten=True, svd_solver="full").fit_transform(points[subset])
        state = int(rng.integers(2**31))
        row[subset] = KMeans(clusters, n_init=5, random_state=state).fit_predict(whitened)
    common = (labels >= 0).all(axis=0)
    return float(adjusted_rand_score(labels[0, common], labels[1, common]))
