"""How well clusters agree with video labels: ARI, NMI, accuracy; how evenly they are used."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import entropy
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

Reading = Literal["first", "set", "single"]
READINGS: tuple[Reading, ...] = get_args(Reading)


def read_labels(labels: Mapping[str, Sequence[str]], reading: Reading) -> dict[str, str]:
    """One class a video, which ARI and NMI need, where videos may have several labels.

    - first: the alphabetically first label. The published scores (the paper's Tables 5 and 7) take the class
    of lowest
      index, which in THUMOS'14 is the same, so this is the reading to compare with them;
    - set: every distinct set of labels is a class of its own;
    - single: videos with several labels are left out.

    Videos without labels are always left out.
    """
    if reading == "single":
        return {video: names[0] for video, names in labels.items() if len(set(names)) == 1}
    if reading == "first":
        return {video: min(names) for video, names in labels.items() if names}
    return {video: "\x1f".join(sorted(set(names))) for video, names in labels.items() if names}


def accuracy(truth: Sequence[str], clusters: Sequence[int]) -> float:
    """Share of videos whose cluster stands for their class in the best one-to-one assignment (Hungarian)."""
    table = contingency_matrix(truth, clusters)
    return float(table[linear_sum_assignment(table, maximize=True)].sum() / table.sum())


def agreement(
    clusters: Mapping[str, int], labels: Mapping[str, Sequence[str]], reading: Reading
) -> dict[str, float]:
    """ARI, NMI (arithmetic mean), accuracy and number of the labelled videos of `clusters`; empty if none."""
    truth = read_labels({video: labels[video] for video in clusters}, reading)
    if not truth:
        return {}
    found = [clusters[video] for video in truth]
    expected = list(truth.values())
    return {
        "ARI": float(adjusted_rand_score(expected, found)),
        "NMI": float(normalized_mutual_info_score(expected, found)),
        "accuracy": accuracy(expected, found),
        "videos": float(len(truth)),
    }


def usage(clusters: Mapping[str, int]) -> dict[str, float]:
    """Number of clusters used, entropy of their sizes in nats, and the share of videos in the largest."""
    if not clusters:
        return {"clusters_used": 0.0, "entropy": 0.0, "largest_share": 0.0}
    sizes = np.unique(list(clusters.values()), return_counts=True)[1]
    return {
        "clusters_used": float(sizes.size),
        "entropy": float(entropy(sizes)),
        "largest_share": float(sizes.max() / sizes.sum()),
    }


def cluster_metrics(
    clusters: Mapping[str, int], labels: Mapping[str, Sequence[str]], reading: Reading = "first"
) -> dict[str, float]:
    """All scores by name: of the main `reading` as `ARI`, of every reading as `ARI/first` and so on."""
    metrics = dict(agreement(clusters, labels, reading))
    for other in READINGS:
        metrics |= {f"{name}/{other}": value for name, value in agreement(clusters, labels, other).items()}
    return metrics | usage(clusters)
