import numpy as np
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
