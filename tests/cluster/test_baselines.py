import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from hcutal.cluster.baselines import cluster_baseline, scaled
from hcutal.errors import HcutalError

METHODS = ["kmeans", "agglomerative", "spectral", "spectral_knn"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scaling", ["none", "standard", "l2"])
@pytest.mark.filterwarnings("ignore:Graph is not fully connected")
def test_finds_what_is_well_apart(method, scaling):
    features, truth = make_blobs(60, n_features=8, centers=4, cluster_std=0.3, random_state=0)
    found = cluster_baseline(features, 4, method, seed=0, scaling=scaling)
    assert adjusted_rand_score(truth, found) == 1.0
    np.testing.assert_array_equal(found, cluster_baseline(features, 4, method, seed=0, scaling=scaling))


def test_scaling():
    features = np.random.default_rng(0).normal(3, 2, (20, 5)).astype(np.float32)
    np.testing.assert_allclose(scaled(features, "standard").mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled(features, "standard").std(axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(scaled(features, "l2"), axis=1), 1)
    np.testing.assert_array_equal(scaled(features, "none"), features)


def test_equal_rows_are_clustered_too():
    assert cluster_baseline(np.ones((6, 3)), 2, "spectral", seed=0).shape == (6,)


def test_bad_input_is_refused():
    with pytest.raises(HcutalError, match="5 clusters of 3 videos"):
        cluster_baseline(np.ones((3, 2)), 5, "kmeans", seed=0)
    with pytest.raises(HcutalError, match="expected a matrix of finite numbers"):
        cluster_baseline(np.full((3, 2), np.nan), 2, "kmeans", seed=0)
    with pytest.raises(HcutalError, match="method 'dbscan': expected kmeans"):
        cluster_baseline(np.ones((3, 2)), 2, "dbscan", seed=0)
