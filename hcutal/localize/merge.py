"""From the columns of the model (clusters, or classes) to named classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hcutal.cluster.mapping import MappingRow
from hcutal.errors import HcutalError

Floats = npt.NDArray[np.floating]
Weights = Literal["binary", "share"]
Merge = Literal["max", "weighted"]


@dataclass(frozen=True)
class ClassMap:
    """The classes that the columns of a model stand for.

    Attributes:
        weight: [K, C], at least 0: how much a column counts for a class.
        classes: [C], sorted names.
    """

    weight: npt.NDArray[np.float32]
    classes: list[str]


def class_map(rows: Sequence[MappingRow], columns: int, weights: Weights = "binary") -> ClassMap:
    """The kept rows of the mapping as a matrix.

    Args:
        rows: the mapping.
        columns: K, columns of the model.
        weights: binary, a column counts fully for every class that it keeps (paper); share, it counts by the share of
            its training videos that have the class (`MappingRow.share`); fully where none was counted.

    Raises:
        HcutalError: for a cluster that the model does not have.

    Both clusters keep `run`, of which cluster 1 holds other videos as well:

    >>> rows = [MappingRow(0, "run", 5, 5, 1), MappingRow(1, "run", 6, 8, 1), MappingRow(1, "jump", 3, 8, 1)]
    >>> class_map(rows, columns=2).classes
    ['jump', 'run']
    >>> class_map(rows, columns=2, weights="share").weight.tolist()
    [[0.0, 1.0], [0.375, 0.75]]
    >>> class_map([MappingRow(0, "run", 0, 0, 1)], columns=1, weights="share").weight.tolist()
    [[1.0]]
    """
    kept = [row for row in rows if row.kept]
    classes = sorted({row.label for row in kept})
    position = {label: index for index, label in enumerate(classes)}
    weight = np.zeros((columns, len(classes)), dtype=np.float32)
    for row in kept:
        if row.cluster >= columns:
            raise HcutalError(f"the mapping names cluster {row.cluster}, but the model has {columns} columns")
        weight[row.cluster, position[row.label]] = 1.0 if weights == "binary" else row.share
    return ClassMap(weight, classes)


def class_scores(scores: Floats, mapping: ClassMap) -> Floats:
    """The score of each class, [C]: the weighted sum of the scores [K] of the columns that keep it.

    >>> mapping = ClassMap(np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32), ["run", "swim"])
    >>> class_scores(np.array([0.5, 0.25, 0.25]), mapping).tolist()
    [0.75, 0.25]
    """
    return np.asarray(scores @ mapping.weight)


def class_cas(cas: Floats, scores: Floats, mapping: ClassMap, merge: Merge = "max") -> Floats:
    """The CAS of the classes, from that of the columns; 0 for classes that no column keeps.

    Args:
        cas: [T, K].
        scores: [K], of the video.
        mapping: of K columns to C classes.
        merge: max, at each snippet the highest of the columns that keep the class; weighted, their mean, weighted by
            the mapping and the scores.

    Returns:
        [T, C].

    >>> mapping = ClassMap(np.array([[1], [1]], dtype=np.float32), ["run"])
    >>> cas, scores = np.array([[4.0, 0.0], [1.0, 2.0]]), np.array([0.75, 0.25])
    >>> class_cas(cas, scores, mapping).tolist()
    [[4.0], [2.0]]
    >>> class_cas(cas, scores, mapping, "weighted").tolist()
    [[3.0], [1.25]]
    """
    if merge == "weighted":
        share = mapping.weight * scores[:, None]
        total = share.sum(axis=0)
        return np.asarray(cas @ np.divide(share, total, out=np.zeros_like(share), where=total > 0))
    merged = np.zeros((len(cas), len(mapping.classes)), dtype=cas.dtype)
    for column, label in zip(*np.nonzero(mapping.weight), strict=True):
        np.maximum(merged[:, label], cas[:, column], out=merged[:, label])
    return merged
