import networkx as nx
import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from hcutal.cluster.estimate import _communities, estimate_clusters
from hcutal.errors import HcutalError


def blobs(clusters: int, each: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = 6 * np.eye(clusters, 20)
    return np.concatenate([centre + rng.normal(0, 0.3, (each, 20)) for centre in centres])


def slow_stability(
    pooled: np.ndarray, clusters: int, directions: int, draws: int, rng: np.random.Generator
) -> float:
    """The same draws: subsets of four fifths, whitened by their own covariance, clustered and compared."""
    agreements = []
    for _ in range(draws):
        found: list[dict[int, int]] = []
        for _ in range(2):
            subset = rng.permutation(len(pooled))[: int(0.8 * len(pooled))]
            points = pooled[subset] - pooled[subset].mean(axis=0)
            variances, axes = np.linalg.eigh(points.T @ points / (len(points) - 1))
            strongest = np.argsort(-variances)[:directions]
            whitened = points @ axes[:, strongest] / np.sqrt(variances[strongest])
            state = int(rng.integers(2**31))
            labels = KMeans(clusters, n_init=5, random_state=state).fit_predict(whitened)
            found.append(dict(zip(subset.tolist(), labels.tolist(), strict=True)))
        common = sorted(found[0].keys() & found[1].keys())
        agreements.append(adjusted_rand_score(*([labels[i] for i in common] for labels in found)))
    return float(np.mean(agreements))


@pytest.mark.parametrize("clusters", [2, 3, 5])
def test_separate_groups_are_counted(clusters: int) -> None:
    found = estimate_clusters(blobs(clusters, 16), neighbours=5, most=8, components=1.25, draws=6, seed=0)
    assert found.clusters == found.stable == clusters
    assert found.stability[clusters] == pytest.approx(1.0)
    assert sorted(found.stability) == list(range(2, 9))


@pytest.mark.parametrize(("clusters", "each"), [(12, 8), (12, 16), (20, 10)])
def test_communities_are_counted_where_there_are_more_than_stability_looks_at(
    clusters: int, each: int
) -> None:
    found = estimate_clusters(blobs(clusters, each), neighbours=5, most=4, components=1.25, draws=3, seed=0)
    assert found.stability[found.stable] < 0.95
    assert found.clusters == clusters
    assert found.fewest <= found.clusters <= found.most


def test_halves_of_many_recordings_are_no_groups_however_stable() -> None:
    # Two groups that merge into each other: their halves are found again whatever the subset.
    rng = np.random.default_rng(0)
    points = rng.normal(size=(1500, 2)) + np.outer(np.where(rng.random(1500) < 0.5, -1.3, 1.3), [1, 0])
    found = estimate_clusters(points, neighbours=5, most=2, components=0.5, draws=4, seed=0)
    assert found.stability[2] >= 0.95
    assert found.clusters > 2


def test_communities_are_those_of_highest_modularity() -> None:
    # Recordings at three places, each joined to those of its place alone.
    places = np.repeat(np.eye(3), 4, axis=0) + np.random.default_rng(0).normal(0, 1e-3, (12, 3))
    joined = nx.disjoint_union_all([nx.complete_graph(4)] * 3)
    assert _communities(places, 3, seed=0) == len(nx.community.greedy_modularity_communities(joined)) == 3


@pytest.mark.parametrize(
    ("components", "directions"),
    [(1.25, {2: 2, 3: 4, 4: 5}), (0.5, {2: 1, 3: 2, 4: 2}), (0.0, {2: 6, 3: 6, 4: 6})],
)
def test_stability_agrees_with_the_definition(components: float, directions: dict[int, int]) -> None:
    pooled = np.random.default_rng(1).normal(size=(18, 6)) * [5, 4, 3, 2, 1, 0.5]
    found = estimate_clusters(pooled, 5, 16, components, draws=3, seed=7)
    rng = np.random.default_rng(7)
    expected = {count: slow_stability(pooled, count, kept, 3, rng) for count, kept in directions.items()}
    assert found.stability == pytest.approx(expected, abs=1e-9)
    assert found.stable == max(expected, key=lambda count: expected[count])


def test_a_weak_direction_counts_like_a_strong_one() -> None:
    # Two groups along y, 1 apart; along x, which is a hundred times wider, there are none.
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-100, 100, 40), np.repeat([-0.5, 0.5], 20) + rng.normal(0, 0.01, 40)
    found = estimate_clusters(np.stack([x, y], axis=1), neighbours=5, most=2, components=1.0, draws=6, seed=0)
    assert found.stability[2] == 1.0


def test_same_seed_same_estimate_and_labels_play_no_part() -> None:
    noise = np.random.default_rng(1).normal(size=(30, 6))
    first, second, other = (estimate_clusters(noise, 5, 6, 1.25, 4, seed) for seed in (3, 3, 4))
    assert first == second
    assert first.stability != other.stability


def test_few_recordings_have_few_clusters() -> None:
    assert set(estimate_clusters(blobs(2, 5), 5, 16, 0.0, 3, 0).stability) == {2}
    assert set(estimate_clusters(blobs(2, 2), 5, 16, 0.0, 3, 0).stability) == {2}
    assert set(estimate_clusters(blobs(2, 6), 5, 16, 0.0, 3, 0).stability) == {2, 3}
    with pytest.raises(
        HcutalError, match=r"3 recordings to train on; expected 4 or more .*clusters: {estimate: {}}"
    ):
        estimate_clusters(np.zeros((3, 4)), 5, 16, 1.25, 3, 0)


def test_identical_recordings_do_not_break_it() -> None:
    with np.errstate(invalid="ignore"):
        assert estimate_clusters(np.ones((12, 4)), 5, 4, 1.25, 2, 0).clusters == 2
