"""How well clusters agree with video labels: ARI, NMI, accuracy; how evenly they are used."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np

Reading = Literal["first", "set", "single"]
READINGS: tuple[Reading, ...] = get_args(Reading)


def read_labels(labels: Mapping[str, Sequence[str]], reading: Reading) -> dict[str, str]:
    """One class a video, as ARI and NMI need it, where videos may have several labels.

    - first: the alphabetically first label. The published code takes the class of lowest index, which is the same
      class in THUMOS'14: this is the reading to compare with Tables 5 and 7 of the paper.
    - set: every distinct set of labels is a class of its own.
    - single: videos with several labels are left out.

    Videos without labels are always left out.

    >>> labels = {"a": ["run", "jump"], "b": ["run"], "c": []}
    >>> read_labels(labels, "first")
    {'a': 'jump', 'b': 'run'}
    >>> read_labels(labels, "single")
    {'b': 'run'}
    """
    if reading == "single":
        return {video: names[0] for video, names in labels.items() if len(set(names)) == 1}
    if reading == "first":
        return {video: min(names) for video, names in labels.items() if names}
    return {video: "\x1f".join(sorted(set(names))) for video, names in labels.items() if names}


def accuracy(truth: Sequence[str], clusters: Sequence[int]) -> float:
    """Share of the videos that are in the cluster of their class, under the best one-to-one assignment (Hungarian).

    >>> accuracy(["run", "run", "jump", "jump"], [5, 5, 7, 5])
    0.75
    """
    # Slow to import, here and below: of recordings without labels nothing is measured.
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics.cluster import contingency_matrix

    table = contingency_matrix(truth, clusters)
    return float(table[linear_sum_assignment(table, maximize=True)].sum() / table.sum())


def agreement(
    clusters: Mapping[str, int], labels: Mapping[str, Sequence[str]], reading: Reading
) -> dict[str, float]:
    """ARI, NMI (arithmetic mean), accuracy and the number of videos, over the labelled ones; empty if there are none.

    >>> labels = {"a": ["run"], "b": ["run"], "c": ["jump"], "d": []}
    >>> found = agreement({"a": 1, "b": 1, "c": 0, "d": 0}, labels, "first")
    >>> {name: round(value, 3) for name, value in found.items()}
    {'ARI': 1.0, 'NMI': 1.0, 'accuracy': 1.0, 'videos': 3.0}
    """
    truth = read_labels({video: labels[video] for video in clusters}, reading)
    if not truth:
        return {}
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    found = [clusters[video] for video in truth]
    expected = list(truth.values())
    return {
        "ARI": float(adjusted_rand_score(expected, found)),
        "NMI": float(normalized_mutual_info_score(expected, found)),
        "accuracy": accuracy(expected, found),
        "videos": float(len(truth)),
    }


def usage(clusters: Mapping[str, int]) -> dict[str, float]:
    """The number of clusters used, the entropy of their sizes in nats, and the share of the videos in the largest.

    >>> usage({"a": 0, "b": 0, "c": 0, "d": 3})["largest_share"]
    0.75
    """
    if not clusters:
        return {"clusters_used": 0.0, "entropy": 0.0, "largest_share": 0.0}
    sizes = np.unique(list(clusters.values()), return_counts=True)[1]
    shares = (sizes / sizes.sum()).tolist()
    return {
        "clusters_used": float(sizes.size),
        "entropy": float(np.sum([-share * math.log(share) for share in shares])),
        "largest_share": max(shares),
    }


def cluster_metrics(
    clusters: Mapping[str, int], labels: Mapping[str, Sequence[str]], reading: Reading = "first"
) -> dict[str, float]:
    """All scores by name: those of the main reading as `ARI` and so on, those of every reading as `ARI/first`.

    >>> metrics = cluster_metrics({"a": 0, "b": 0, "c": 1}, {"a": ["run"], "b": ["run"], "c": ["jump", "run"]})
    >>> round(metrics["ARI"], 3), metrics["videos"], metrics["videos/single"], metrics["clusters_used"]
    (1.0, 3.0, 2.0, 2.0)
    """
    metrics = dict(agreement(clusters, labels, reading))
    for other in READINGS:
        metrics |= {f"{name}/{other}": value for name, value in agreement(clusters, labels, other).items()}
    return metrics | usage(clusters)
