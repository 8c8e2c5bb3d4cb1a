"""Classical clustering of video-level features: what Table 7 of the paper compares with."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from sklearn.cluster import AgglomerativeClustering, KMeans, SpectralClustering
from sklearn.preprocessing import StandardScaler, normalize

from hcutal.errors import HcutalError

Floats = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]
Method = Literal["kmeans", "agglomerative", "spectral", "spectral_knn"]
Scaling = Literal["none", "standard", "l2"]

NEIGHBOURS = 5


def scaled(features: Floats, scaling: Scaling) -> npt.NDArray[np.float64]:
    """[N, D] as it is, with columns of mean 0 and variance 1, or with rows of length 1."""
    values = np.asarray(features, dtype=np.float64)
    if scaling == "standard":
        return np.asarray(StandardScaler().fit_transform(values))
    return np.asarray(normalize(values)) if scaling == "l2" else values


def cluster_baseline(
    features: Floats, clusters: int, method: Method, seed: int, scaling: Scaling = "l2"
) -> Labels:
    """Cluster index of every row of `features` [N, D].

    kmeans: 10 starts; agglomerative: Ward's criterion; spectral: RBF affinity whose width is the median
    distance between rows; spectral_knn: graph of the 5 nearest neighbours. The same seed gives the same
    labels. Raises `HcutalError` when the features are not a finite matrix or there are not at least as many
    rows as clusters.
    """
    if features.ndim != 2 or not np.isfinite(features).all():
        raise HcutalError(f"features of shape {features.shape}: expected a matrix of finite numbers")
    if not 1 <= clusters <= len(features):
        raise HcutalError(
            f"{clusters} clusters of {len(features)} videos: expected 1 to the number of videos"
        )
    values = scaled(features, scaling)
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
    """1 / (2 s^2) with s the median distance between two rows: RBF affinities neither all 0 nor all 1."""
    squares = (values**2).sum(axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * values @ values.T
    median = float(np.median(distances[np.triu_indices(len(values), k=1)])) if len(values) > 1 else 0.0
    return 1 / (2 * median) if median > 0 else 1.0
