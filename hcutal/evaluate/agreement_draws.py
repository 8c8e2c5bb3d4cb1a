"""ARI and NMI under draws of recordings with replacement: how far they depend on which recordings there are.

A draw is no more than a weight for each recording: how often it was drawn. Both scores follow from the weighted table
of clusters and classes.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from hcutal.cluster.scores import Reading, read_labels
from hcutal.errors import HcutalError
from hcutal.evaluate.draws import CHUNK, chunks, how_often
from hcutal.evaluate.matching import Codes, Floats


def drawn_agreement(
    clusters: Mapping[str, int],
    labels: Mapping[str, Sequence[str]],
    reading: Reading,
    draws: int,
    seed: int,
) -> dict[str, Floats]:
    """`ARI` and `NMI` of each draw of as many labelled recordings as there are, [draws]; empty without labels.

    As in `hcutal.cluster.scores.agreement`. Raises `HcutalError` for draws below 1.

    >>> labels = {"a": ["run"], "b": ["run"], "c": ["jump"], "d": []}
    >>> drawn_agreement({"a": 1, "b": 1, "c": 0, "d": 0}, labels, "first", draws=3, seed=0)["ARI"].tolist()
    [1.0, 1.0, 1.0]
    """
    if draws < 1:
        raise HcutalError(f"draws are {draws}; expected 1 or more")
    # In one order for all runs, so that the same seed draws the same recordings.
    truth = read_labels({name: labels[name] for name in sorted(clusters)}, reading)
    if not truth:
        return {}
    _, classes = np.unique(list(truth.values()), return_inverse=True)
    _, found = np.unique([clusters[name] for name in truth], return_inverse=True)
    _, cells = np.unique(np.stack([classes, found]), axis=1, return_inverse=True)
    rng = np.random.default_rng(seed)
    parts = [
        _scores(*(_sums(codes.ravel(), weights) for codes in (classes, found, cells)))
        for number in chunks(draws, CHUNK // len(truth) + 1)
        for weights in [how_often(rng, len(truth), number)]
    ]
    ari, nmi = np.concatenate(parts, axis=1)
    return {"ARI": ari, "NMI": nmi}


def _sums(codes: Codes, weights: Floats) -> Floats:
    """The weight of each group: codes [N] of the groups, weights [N, draws]; [groups, draws]."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return np.asarray(np.add.reduceat(weights[order], starts, axis=0))


def _scores(classes: Floats, clusters: Floats, cells: Floats) -> Floats:
    """ARI and NMI, [2, draws], from the weights of classes, clusters and cells of their table, [groups, draws]."""
    return np.stack([_ari(classes, clusters, cells), _nmi(classes, clusters, cells)])


def _ari(classes: Floats, clusters: Floats, cells: Floats) -> Floats:
    by_class, by_cluster, together = (_pairs(sizes).sum(axis=0) for sizes in (classes, clusters, cells))
    expected = by_class * by_cluster / np.maximum(_pairs(classes.sum(axis=0)), 1)
    room = (by_class + by_cluster) / 2 - expected
    return np.asarray(np.divide(together - expected, room, out=np.ones_like(room), where=room > 0))


def _pairs(sizes: Floats) -> Floats:
    return np.asarray(sizes * (sizes - 1) / 2)


def _nmi(classes: Floats, clusters: Floats, cells: Floats) -> Floats:
    of_classes, of_clusters, of_cells = (_entropy(sizes) for sizes in (classes, clusters, cells))
    mean = (of_classes + of_clusters) / 2
    # One class in one cluster is full agreement.
    shared = np.divide(of_classes + of_clusters - of_cells, mean, out=np.ones_like(mean), where=mean > 0)
    return np.clip(shared, 0.0, 1.0)


def _entropy(sizes: Floats) -> Floats:
    """In nats, of groups of these sizes, [groups, draws]; exactly 0 for a single one."""
    shares = sizes / sizes.sum(axis=0)
    terms = np.where(shares > 0, -shares * np.log(np.where(shares > 0, shares, 1.0)), 0.0)
    return np.asarray(terms.sum(axis=0))
