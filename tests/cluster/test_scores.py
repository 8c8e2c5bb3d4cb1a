from itertools import permutations
from math import comb, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.cluster.scores import accuracy, agreement, cluster_metrics, read_labels, usage

LABELS = {"u": ["a", "b"], "v": ["b"], "w": ["b", "a"], "x": [], "y": ["c"]}


def slow_ari(truth, found):
    """Adjusted Rand index from pair counts (Hubert and Arabie)."""
    cells = [
        sum(t == i and f == j for t, f in zip(truth, found, strict=True))
        for i in set(truth)
        for j in set(found)
    ]
    both = sum(comb(n, 2) for n in cells)
    rows = sum(comb(truth.count(i), 2) for i in set(truth))
    columns = sum(comb(found.count(j), 2) for j in set(found))
    expected = rows * columns / comb(len(truth), 2)
    return (both - expected) / ((rows + columns) / 2 - expected)


def slow_entropy(values):
    return -sum(values.count(v) / len(values) * log(values.count(v) / len(values)) for v in set(values))


def test_readings_of_videos_with_several_labels():
    assert read_labels(LABELS, "first") == {"u": "a", "v": "b", "w": "a", "y": "c"}
    assert read_labels(LABELS, "single") == {"v": "b", "y": "c"}
    sets = read_labels(LABELS, "set")
    assert sets.keys() == {"u", "v", "w", "y"}
    assert sets["u"] == sets["w"] and len(set(sets.values())) == 3


def test_agreement_from_the_definitions():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 60)
    found = np.where(rng.uniform(size=60) < 0.6, truth, rng.integers(0, 5, 60))
    labels = {f"v{i}": [f"c{t}"] for i, t in enumerate(truth)}
    clusters = {f"v{i}": int(f) for i, f in enumerate(found)}
    scores = agreement(clusters, labels, "first")
    truth, found = truth.tolist(), found.tolist()
    assert scores["ARI"] == pytest.approx(slow_ari(truth, found))
    mutual = slow_entropy(truth) + slow_entropy(found) - slow_entropy(list(zip(truth, found, strict=True)))
    assert scores["NMI"] == pytest.approx(2 * mutual / (slow_entropy(truth) + slow_entropy(found)))
    assert scores["videos"] == 60


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=15))
def test_accuracy_is_that_of_the_best_assignment(pairs):
    best = max(sum(order[f] == t for t, f in pairs) for order in permutations(range(4)))
    assert accuracy([str(t) for t, _ in pairs], [f for _, f in pairs]) == pytest.approx(best / len(pairs))


def test_metrics_hold_every_reading_and_the_main_one():
    clusters = {"u": 0, "v": 1, "w": 0, "x": 1, "y": 2}
    metrics = cluster_metrics(clusters, LABELS, "set")
    assert metrics["ARI"] == metrics["ARI/set"] == 1.0
    assert (metrics["videos/first"], metrics["videos/set"], metrics["videos/single"]) == (4, 4, 2)
    assert metrics["clusters_used"] == 3
    assert metrics["entropy"] == pytest.approx(slow_entropy([0, 0, 1, 1, 2]))
    assert metrics["largest_share"] == 0.4


def test_without_labels_only_the_use_of_clusters_is_measured():
    assert cluster_metrics({"x": 3}, LABELS) == {"clusters_used": 1, "entropy": 0, "largest_share": 1}
    assert usage({})["clusters_used"] == 0
