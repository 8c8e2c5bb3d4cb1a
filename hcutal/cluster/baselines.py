"""Classical clustering of video-level features: the baselines of Table 7 of HC-UTAL."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from sklearn.cluster import AgglomerativeClustering, KMeans, SpectralClustering
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler, normalize

from hcutal.errors import HcutalError
from hcutal.params.train_labels import Classic, PlainScaling, WhitenedScaling

Floats = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]
Method = Classic | Literal["spectral_knn"]
Scaling = PlainScaling | WhitenedScaling

NEIGHBOURS = 5


def scaled(features: Floats, scaling: Scaling, clusters: int) -> npt.NDArray[np.float64]:
    """Features [N, D] in the form in which they are clustered, in float64.

    - none: as they are.
    - standard: columns with mean 0 and variance 1.
    - l2: rows of length 1.
    - whitened: the strongest directions, so many a cluster but fewer than N, with variance 1 each: [N, R].

    >>> scaled(np.array([[3.0, 4.0]]), "l2", clusters=1).round(3).tolist()
    [[0.6, 0.8]]
    >>> scaled(np.array([[3.0], [5.0]]), "standard", clusters=2).tolist()
    [[-1.0], [1.0]]
    """
    values = np.asarray(features, dtype=np.float64)
    if isinstance(scaling, WhitenedScaling):
        directions = min(max(round(scaling.whitened * clusters), 1), len(values) - 1, values.shape[1])
        return np.asarray(PCA(directions, whiten=True, svd_solver="full").fit_transform(values))
    if scaling == "standard":
        return np.asarray(StandardScaler().fit_transform(values))
    return np.asarray(normalize(values)) if scaling == "l2" else values


def cluster_baseline(
    features: Floats, clusters: int, method: Method, seed: int, scaling: Scaling = "l2"
) -> Labels:
    """The cluster of every video, by a classical method.

    Args:
        features: [N, D], one row a video.
        clusters: C, 1 to N.
        method: kmeans (10 starts), agglomerative (Ward's criterion), spectral (RBF affinity as wide as the median
            distance between rows) or spectral_knn (graph of the 5 nearest neighbours).
        seed: of the random starts; the same seed gives the same labels.
        scaling: what is done to the features first, as in `scaled`.

    Returns:
        [N], 0 to C - 1.

    Raises:
        HcutalError: when the features are not a finite matrix, or C is not between 1 and N.

    >>> features = np.array([[0.0], [0.1], [9.0], [9.1]])
    >>> found = cluster_baseline(features, 2, "agglomerative", seed=0, scaling="none")
    >>> bool(found[0] == found[1] != found[2] == found[3])
    True
    """
    if features.ndim != 2 or not np.isfinite(features).all():
        raise HcutalError(f"features of shape {features.shape}: expected a matrix of finite numbers")
    if not 1 <= clusters <= len(features):
        raise HcutalError(
            f"{clusters} clusters of {len(features)} videos: expected 1 to the number of videos"
        )
    values = scaled(features, scaling, clusters)
    return np.asarray(_estimator(values, clusters, method, seed).fit_predict(values), dtype=np.int64)


def _estimator(
    values: npt.NDArray[np.float64], clusters: int, method: Method, seed: int
) -> KMeans | AgglomerativeClustering | SpectralClustering:
    if method == "kmeans":
        return KMeans(clusters, n_init=10, random_state=seed)
    if method == "agglomerative":
        return AgglomerativeClustering(clusters, linkage="ward")
    if method == "spectral":
        return SpectralClustering(clusters, affinity="rbf", gamma=_gamma(values), random_state=seed)
    if method == "spectral_knn":
        neighbours = min(NEIGHBOURS, len(values))
        return SpectralClustering(
            clusters, affinity="nearest_neighbors", n_neighbors=neighbours, random_state=seed
        )
    raise HcutalError(f"method {method!r}: expected kmeans, agglomerative, spectral or spectral_knn")


def _gamma(values: npt.NDArray[np.float64]) -> float:
    """1 / (2 s^2), with s the median distance between two rows: keeps RBF affinities away from all 0 and all 1."""
    squares = (values**2).sum(axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * values @ values.T
    median = float(np.median(distances[np.triu_indices(len(values), k=1)])) if len(values) > 1 else 0.0
    return 1 / (2 * median) if median > 0 else 1.0
