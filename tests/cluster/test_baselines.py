import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import KMeans, SpectralClustering
from sklearn.datasets import make_blobs, make_circles
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from hcutal.cluster.baselines import _gamma, cluster_baseline, scaled
from hcutal.errors import HcutalError
from hcutal.params.train_labels import WhitenedScaling

METHODS = ["kmeans", "agglomerative", "spectral", "spectral_knn"]


def noise(rows: int = 60, columns: int = 4) -> np.ndarray:
    """Points without any groups: methods that are not quite the same part them otherwise."""
    return np.random.default_rng(0).normal(size=(rows, columns))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scaling", ["none", "standard", "l2"])
@pytest.mark.filterwarnings("ignore:Graph is not fully connected")
def test_finds_what_is_well_apart(method, scaling):
    features, truth = make_blobs(60, n_features=8, centers=4, cluster_std=0.3, random_state=0)
    found = cluster_baseline(features, 4, method, seed=0, scaling=scaling)
    assert adjusted_rand_score(truth, found) == 1.0
    np.testing.assert_array_equal(found, cluster_baseline(features, 4, method, seed=0, scaling=scaling))


def test_agglomerative_is_wards_criterion():
    tree = {method: fcluster(linkage(noise(), method), 5, "maxclust") for method in ("ward", "average")}
    found = cluster_baseline(noise(), 5, "agglomerative", seed=0, scaling="none")
    assert adjusted_rand_score(tree["ward"], found) == 1.0
    assert adjusted_rand_score(tree["average"], found) < 0.9


@pytest.mark.parametrize(("seed", "others"), [(28, 9), (12, 11)])
def test_kmeans_is_the_best_of_ten_starts(seed, others):
    best, other = (
        KMeans(8, n_init=starts, random_state=seed).fit(noise()).inertia_ for starts in (10, others)
    )
    found = cluster_baseline(noise(), 8, "kmeans", seed, scaling="none")
    centres = np.stack([noise()[found == cluster].mean(axis=0) for cluster in range(8)])
    assert ((noise() - centres[found]) ** 2).sum() == pytest.approx(best)
    # For these seeds a start less or more finds other clusters.
    assert best != pytest.approx(other)


def test_the_width_of_the_affinity_is_the_median_distance():
    assert _gamma(noise()) == pytest.approx(1 / (2 * np.median(pdist(noise(), "sqeuclidean"))))
    assert _gamma(np.array([[0.0, 0.0], [3.0, 4.0]])) == pytest.approx(1 / 50)
    assert _gamma(np.ones((1, 2))) == _gamma(np.ones((4, 2))) == 1.0


def test_spectral_clusters_the_affinities_of_that_width():
    distances = squareform(pdist(noise(), "sqeuclidean"))
    affinity = np.exp(-distances / (2 * np.median(pdist(noise(), "sqeuclidean"))))
    expected = SpectralClustering(5, affinity="precomputed", random_state=1).fit_predict(affinity)
    found = cluster_baseline(noise(), 5, "spectral", seed=1, scaling="none")
    assert adjusted_rand_score(expected, found) == 1.0


def test_spectral_knn_clusters_the_graph_of_the_five_nearest():
    partitions = {}
    for count in (4, 5, 6):
        graph = kneighbors_graph(noise(), count, include_self=True).toarray()
        method = SpectralClustering(5, affinity="precomputed", random_state=1)
        partitions[count] = method.fit_predict((graph + graph.T) / 2)
    found = cluster_baseline(noise(), 5, "spectral_knn", seed=1, scaling="none")
    assert [adjusted_rand_score(partitions[count], found) == 1.0 for count in (4, 5, 6)] == [
        False,
        True,
        False,
    ]


@pytest.mark.filterwarnings("ignore:Graph is not fully connected")
def test_a_graph_of_neighbours_tells_rings_apart_where_a_width_does_not():
    rings, truth = make_circles(120, factor=0.4, noise=0.02, random_state=0)
    graph, width = (cluster_baseline(rings, 2, f"spectral{kind}", 0, "none") for kind in ("_knn", ""))
    assert adjusted_rand_score(truth, graph) == 1.0
    assert adjusted_rand_score(truth, width) < 0.1


def test_the_seed_decides():
    first, second, other = (cluster_baseline(noise(), 8, "kmeans", seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_rows_of_length_1_are_what_is_clustered_where_nothing_is_said():
    rays = np.array([[1.0, 0.0], [9.0, 0.1], [0.0, 1.0], [0.1, 9.0]])
    for method in ("kmeans", "agglomerative"):
        found = cluster_baseline(rays, 2, method, seed=0)
        assert found[0] == found[1] != found[2] == found[3]


def test_scaling():
    features = np.random.default_rng(0).normal(3, 2, (20, 5)).astype(np.float32)
    np.testing.assert_allclose(scaled(features, "standard", 4).mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled(features, "standard", 4).std(axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(scaled(features, "l2", 4), axis=1), 1)
    np.testing.assert_array_equal(scaled(features, "none", 4), features)


@pytest.mark.parametrize(("share", "directions"), [(0.5, 2), (0.01, 1), (9.0, 5)])
def test_whitened_directions_are_the_strongest_with_variance_1(share, directions):
    features = noise(20, 5) @ np.diag([5.0, 4.0, 3.0, 2.0, 1.0]) + 7
    found = scaled(features, WhitenedScaling(whitened=share), 4)
    np.testing.assert_allclose(np.cov(found.T), np.eye(directions), atol=1e-9)
    # What they leave out is what the other directions hold.
    centred = features - features.mean(axis=0)
    left = centred - found @ np.linalg.lstsq(found, centred, rcond=None)[0]
    strengths = np.linalg.svd(centred, compute_uv=False)
    assert (left**2).sum() == pytest.approx((strengths[directions:] ** 2).sum(), abs=1e-9)


def test_there_are_fewer_whitened_directions_than_rows():
    assert scaled(noise(4, 9), WhitenedScaling(whitened=2.0), 3).shape == (4, 3)


def test_whitening_finds_the_groups_that_a_strong_direction_hides():
    truth = np.arange(40) % 2
    features = np.random.default_rng(0).normal(size=(40, 2)) * [50, 0.1] + np.outer(truth, [0, 1])
    plain, whitened = (
        cluster_baseline(features, 2, "agglomerative", 0, scaling)
        for scaling in ("none", WhitenedScaling(whitened=1.0))
    )
    assert adjusted_rand_score(truth, plain) < 0.1
    assert adjusted_rand_score(truth, whitened) > 0.3


@pytest.mark.parametrize("method", ["kmeans", "agglomerative", "spectral"])
@pytest.mark.parametrize("clusters", [1, 2, 4, 5])
@pytest.mark.filterwarnings("ignore:k >= N")
def test_few_rows_are_clustered_by_every_source_of_pseudo_labels(method, clusters):
    found = cluster_baseline(noise(5), clusters, method, seed=0, scaling="none")
    assert found.shape == (5,)
    assert 0 <= found.min() <= found.max() < clusters


def test_equal_rows_are_clustered_too():
    assert cluster_baseline(np.ones((6, 3)), 2, "spectral", seed=0).shape == (6,)


def test_one_cluster_and_as_many_as_rows_are_allowed():
    assert cluster_baseline(noise(5), 1, "kmeans", seed=0).tolist() == [0] * 5
    assert sorted(cluster_baseline(noise(5), 5, "agglomerative", seed=0).tolist()) == list(range(5))


def test_bad_input_is_refused():
    with pytest.raises(HcutalError, match="5 clusters of 3 videos"):
        cluster_baseline(np.ones((3, 2)), 5, "kmeans", seed=0)
    with pytest.raises(HcutalError, match="0 clusters of 3 videos"):
        cluster_baseline(np.ones((3, 2)), 0, "kmeans", seed=0)
    with pytest.raises(HcutalError, match="expected a matrix of finite numbers"):
        cluster_baseline(np.full((3, 2), np.nan), 2, "kmeans", seed=0)
    with pytest.raises(HcutalError, match="expected a matrix of finite numbers"):
        cluster_baseline(np.ones(3), 2, "kmeans", seed=0)
    with pytest.raises(HcutalError, match="method 'dbscan': expected kmeans"):
        cluster_baseline(np.ones((3, 2)), 2, "dbscan", seed=0)
