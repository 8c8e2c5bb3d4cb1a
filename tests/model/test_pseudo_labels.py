import numpy as np
import pytest
import torch

from hcutal.cluster.mapping import map_clusters
from hcutal.model.pseudo_labels import mapped_labels, one_hot, sample_batch


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
