from typing import Any

import numpy as np
import pytest
import torch
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from hcutal.cluster.baselines import cluster_baseline
from hcutal.cluster.mapping import map_clusters
from hcutal.data.store import FeatureStore
from hcutal.model.packed import TrainingFeatures
from hcutal.model.pseudo_labels import PseudoLabels, mapped_labels, one_hot, sample_batch
from hcutal.model.training import Trainer
from hcutal.params.train import TrainParams
from tests.model.test_training import CPU, TRUTH, change

CLASSIC = ["spectral", "agglomerative", "kmeans"]


def test_one_hot_takes_the_most_probable_cluster() -> None:
    assert one_hot(torch.tensor([[0.2, 0.8], [0.6, 0.4]])).tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_mapped_labels_follow_the_count_rule_of_the_map_stage() -> None:
    rng = np.random.default_rng(0)
    clusters = rng.integers(0, 5, 40)
    truth = rng.random((40, 4)) < 0.3
    assignment = torch.from_numpy(np.eye(6)[clusters])
    ours = mapped_labels(assignment, torch.from_numpy(truth).double(), 0.5)
    rows = map_clusters(
        {str(i): int(cluster) for i, cluster in enumerate(clusters)},
        {str(i): [str(k) for k in np.flatnonzero(row)] for i, row in enumerate(truth)},
        0.5,
    )
    kept = {(row.cluster, int(row.label)) for row in rows if row.kept}
    expected = [[float((cluster, k) in kept) for k in range(4)] for cluster in clusters]
    assert ours.tolist() == expected


def test_batches_hold_pairs_of_a_class() -> None:
    labels = np.eye(4, dtype=bool)[[0, 0, 0, 1, 1, 3]]
    for seed in range(20):
        batch = sample_batch(labels, 9, 4, np.random.default_rng(seed))
        assert len(batch) == 9
        for first, second in batch[:8].reshape(4, 2):
            assert labels[first].argmax() == labels[second].argmax()
            assert first != second or first == 5


def test_the_same_generator_gives_the_same_batch() -> None:
    labels = np.ones((7, 1), dtype=bool)
    first, second = (sample_batch(labels, 5, 1, np.random.default_rng(3)) for _ in range(2))
    assert first.tolist() == second.tolist()


def test_pairs_are_drawn_over_all_classes_and_the_rest_over_all_videos() -> None:
    # Class 1 has no video; class 2 has ten.
    labels = np.eye(3, dtype=bool)[[0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]]
    drawn = [sample_batch(labels, 6, 2, np.random.default_rng(seed)) for seed in range(400)]
    first = np.concatenate([batch[:4:2] for batch in drawn])
    # A pair is of either class as often, a single video of a class as often as it has videos.
    assert np.mean(labels[first, 0]) == pytest.approx(0.5, abs=0.06)
    rest = np.concatenate([batch[4:] for batch in drawn])
    assert np.mean(labels[rest, 0]) == pytest.approx(2 / 12, abs=0.05)
    assert set(rest.tolist()) == set(range(12))


def test_more_pairs_than_a_batch_holds_fill_it() -> None:
    labels = np.eye(2, dtype=bool)[[0, 0, 1, 1]]
    for size in (6, 7):
        batch = sample_batch(labels, size, 99, np.random.default_rng(0))
        assert len(batch) == size
        assert all(labels[a].argmax() == labels[b].argmax() for a, b in batch[:6].reshape(3, 2))


def test_a_class_counts_from_the_fraction_on() -> None:
    # Cluster 0: class 0 in four of its videos, class 1 in two, class 2 in one; cluster 1: class 2.
    assignment = torch.tensor([[0.9, 0.1]] * 4 + [[0.2, 0.8]])
    truth = torch.tensor([[1.0, 1, 1], [1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 1]])
    for fraction, kept in ((0.25, [1, 1, 1]), (0.5, [1, 1, 0]), (0.51, [1, 0, 0])):
        assert mapped_labels(assignment, truth, fraction).tolist() == [kept] * 4 + [[0, 0, 1]]


# What labels are made of.


def made(store: FeatureStore, params: TrainParams, truth: torch.Tensor | None = None) -> PseudoLabels:
    return Trainer(TrainingFeatures(store, store.videos, CPU), params, truth, CPU).pseudo_labels


def classic(params: TrainParams, method: str, scaling: Any = "none", **values: Any) -> TrainParams:
    return change(params, pseudo_labels={method: {"scaling": scaling}}, **values)


@pytest.mark.parametrize("method", CLASSIC)
@pytest.mark.parametrize("scaling", ["none", "standard", {"whitened": 1.0}])
def test_a_classic_source_finds_the_classes_that_the_means_show(
    method: str, scaling: Any, store: FeatureStore, params: TrainParams
) -> None:
    labels = made(store, classic(params, method, scaling))
    assignment = labels.assignment()
    assert assignment is not None
    assert assignment.shape == (24, 3)
    assert adjusted_rand_score(np.arange(24) % 3, assignment.argmax(dim=1).numpy()) > 0.8
    # Sure of itself: each recording is in one cluster, and that is its label.
    assert assignment.max(dim=1).values.tolist() == [1.0] * 24
    assert torch.equal(labels.labels(), assignment)
    assert labels.frozen


def test_classic_clusters_are_of_the_standardised_means_as_the_network_sees_them(
    store: FeatureStore, params: TrainParams
) -> None:
    values = [store.read(video).astype(float) for video in store.videos]
    everything = np.concatenate(values)
    means = np.stack([value.mean(axis=0) for value in values])
    ours = (means - everything.mean(axis=0)) / everything.std(axis=0)
    features = TrainingFeatures(store, store.videos, CPU)
    np.testing.assert_allclose(features.pooled(), ours, rtol=1e-4, atol=1e-4)
    for normalise, points in ((True, ours), (False, means)):
        some = classic(params, "agglomerative", normalise=normalise, video={"clusters": 7})
        found = made(store, some).assignment()
        expected = AgglomerativeClustering(7, linkage="ward").fit_predict(points)
        assert found is not None
        assert adjusted_rand_score(expected, found.argmax(dim=1).numpy()) == 1.0


def test_the_seed_and_the_scaling_of_a_classic_source_are_those_of_the_parameters(
    store: FeatureStore, params: TrainParams
) -> None:
    pooled = TrainingFeatures(store, store.videos, CPU).pooled()
    for seed in (0, 1):
        found = made(store, classic(params, "kmeans", "l2", seed=seed, video={"clusters": 9})).assignment()
        assert found is not None
        assert found.argmax(dim=1).tolist() == cluster_baseline(pooled, 9, "kmeans", seed, "l2").tolist()


def test_a_classic_source_has_no_more_clusters_than_recordings(
    store: FeatureStore, params: TrainParams
) -> None:
    found = made(store, classic(params, "agglomerative", video={"clusters": 30})).assignment()
    assert found is not None
    assert found.shape == (24, 30)
    assert sorted(found.argmax(dim=1).tolist()) == list(range(24))


@pytest.mark.parametrize("method", CLASSIC)
def test_classic_clusters_are_mapped_to_classes_as_those_of_the_video_level(
    method: str, store: FeatureStore, params: TrainParams
) -> None:
    labels = made(store, classic(params, method, supervision="mapped", video={"clusters": 5}), TRUTH)
    assignment = labels.assignment()
    assert assignment is not None
    assert assignment.shape == (24, 5)
    assert torch.equal(labels.labels(), mapped_labels(assignment, TRUTH, 0.5))
    assert (labels.labels() == TRUTH).all(dim=1).double().mean() > 0.9


def test_given_labels_are_taken_as_they_are(store: FeatureStore, params: TrainParams) -> None:
    labels = made(store, change(params, supervision="weak"), TRUTH)
    assert labels.assignment() is None
    assert torch.equal(labels.labels(), TRUTH)
    assert labels.frozen


@pytest.mark.parametrize(("joint", "frozen"), [(True, False), (False, True)])
def test_labels_of_the_video_level_are_frozen_in_separated_training(
    joint: bool, frozen: bool, store: FeatureStore, params: TrainParams
) -> None:
    assert made(store, change(params, joint=joint)).frozen == frozen
