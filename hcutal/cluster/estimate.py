"""How many clusters unlabelled recordings fall into, from their mean features alone."""

from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from hcutal.errors import HcutalError

Floats = npt.NDArray[np.floating]
FEWEST_RECORDINGS = 4
# Fewer recordings do not make a kind, and clusterings with nearly as many clusters as recordings look stable.
PER_CLUSTER = 4
# Share of the recordings in a subset; two subsets then have about two thirds of all recordings in common.
SHARE = 0.8


# Whitened directions in which neighbours are looked for.
DIRECTIONS = 20
# Communities with fewer recordings are leftovers.
FEWEST_MEMBERS = 3
# Clusterings that are this stable leave no doubt about their number where their groups are apart: of many recordings
# any two halves are stable.
SURE = 0.95
# Louvain's method begins with a random order: it is repeated.
REPEATS = 5


@dataclass(frozen=True)
class Estimate:
    """How many clusters there are, by two criteria.

    Attributes:
        clusters: the number that was chosen.
        fewest, most: what other numbers of neighbours would give; the estimate is no surer than that.
        stability: the stability (mean adjusted Rand index) of each number that was tried.
    """

    clusters: int
    fewest: int
    most: int
    stability: dict[int, float]

    @property
    def stable(self) -> int:
        """The number whose clusterings are most stable, the lower one between equals."""
        return max(self.stability, key=lambda clusters: self.stability[clusters])


def estimate_clusters(
    pooled: Floats, neighbours: int, most: int, components: float, draws: int, seed: int
) -> Estimate:
    """The number of communities among the recordings, and beside it the stability of numbers of clusters.

    - Communities (Blondel et al. 2008): each recording is joined to its nearest neighbours by cosine, in the strongest
      whitened directions of the features; communities are those of highest modularity.
    - Stability (Ben-Hur et al. 2002): for each number of clusters, k-means is applied to two random subsets of the
      recordings, and the adjusted Rand index of the two clusterings is taken over the recordings that both subsets
      contain. The mean over the draws is the stability.

    The most stable number is chosen where its stability is at least `SURE` and its groups share no neighbours:
    a few groups far apart, which modularity would split. Else it is the number of communities: stability falls with
    the number of clusters whatever they are. No label is used.

    Args:
        pooled: [N, D], mean features of the recordings.
        neighbours: of each recording; a little more than half and twice as many give the range of the estimate.
        most: the stability of 2 to `most` clusters is measured, and of no more than N / 4.
        components: whitened directions of the features a cluster, for the stability; 0 for all of them.
        draws: pairs of subsets for each number.
        seed: of all draws.

    Raises:
        HcutalError: for fewer than 4 recordings.

    Three groups far apart:

    >>> centres = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 8, axis=0)
    >>> recordings = centres + np.random.default_rng(0).normal(size=(24, 2))
    >>> found = estimate_clusters(recordings, neighbours=5, most=5, components=0.0, draws=5, seed=0)
    >>> found.clusters, found.stable
    (3, 3)
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
    white = PCA(
        min(DIRECTIONS, len(points) // 2, points.shape[1]), whiten=True, svd_solver="full"
    ).fit_transform(points)
    # Where all recordings are alike there is nothing to whiten.
    white = np.nan_to_num(white)
    numbers = (neighbours, neighbours // 2 + 1, 2 * neighbours)
    found = [_communities(white, number, seed) for number in numbers]
    stable = max(stability, key=lambda clusters: stability[clusters])
    far_apart = stability[stable] >= SURE and _are_apart(points, stable, components, neighbours)
    chosen = stable if far_apart else found[0]
    return Estimate(chosen, min(chosen, *found), max(chosen, *found), stability)


def _are_apart(points: Floats, clusters: int, components: float, neighbours: int) -> bool:
    """Whether the nearest neighbours of each point are in its own cluster of k-means."""
    found = _clustering(points, clusters, components, state=0)
    graph = kneighbors_graph(points, min(neighbours, len(points) - 1)).tocoo()
    return bool((found[graph.row] == found[graph.col]).all())


def _communities(points: Floats, neighbours: int, seed: int) -> int:
    """The median number of communities over repetitions, and at least 2."""
    joined = kneighbors_graph(points, min(neighbours, len(points) - 1), metric="cosine")
    graph = nx.from_scipy_sparse_array(joined.maximum(joined.T))
    sizes = [
        [len(members) for members in nx.community.louvain_communities(graph, weight=None, seed=seed + repeat)]
        for repeat in range(REPEATS)
    ]
    return max(2, int(np.median([sum(size >= FEWEST_MEMBERS for size in each) for each in sizes])))


def _agreement(
    points: Floats, clusters: int, components: float, size: int, rng: np.random.Generator
) -> float:
    """Adjusted Rand index of the clusterings of two random subsets, over the recordings in both."""
    labels = np.full((2, len(points)), -1)
    for row in labels:
        subset = rng.permutation(len(points))[:size]
        row[subset] = _clustering(points[subset], clusters, components, state=int(rng.integers(2**31)))
    common = (labels >= 0).all(axis=0)
    return float(adjusted_rand_score(labels[0, common], labels[1, common]))


def _clustering(points: Floats, clusters: int, components: float, state: int) -> npt.NDArray[np.integer]:
    """k-means in the strongest whitened directions."""
    kept = min(round(components * clusters) or len(points), len(points) - 1, points.shape[1])
    whitened = PCA(kept, whiten=True, svd_solver="full").fit_transform(points)
    return np.asarray(KMeans(clusters, n_init=5, random_state=state).fit_predict(whitened))
