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
    """Classes that the columns of the model stand for: weight [K, C] >= 0; classes: [C] sorted names."""

    weight: npt.NDArray[np.float32]
    classes: list[str]


def class_map(rows: Sequence[MappingRow], columns: int, weights: Weights = "binary") -> ClassMap:
    """The kept rows of the mapping as a matrix.

    weights: binary, a column counts fully for every class that it keeps (paper); share, it counts by the
    share of its training videos that have the class. Raises `HcutalError` for a cluster that the model does
    not have.
    """
    kept = [row for row in rows if row.kept]
    classes = sorted({row.label for row in kept})
    position = {label: index for index, label in enumerate(classes)}
    weight = np.zeros((columns, len(classes)), dtype=np.float32)
    for row in kept:
        if row.cluster >= columns:
            raise HcutalError(f"the mapping names cluster {row.cluster}, but the model has {columns} columns")
        weight[row.cluster, position[row.label]] = (
            1.0 if weights == "binary" else row.count / max(row.videos, 1)
        )
    return ClassMap(weight, classes)


def class_scores(scores: Floats, mapping: ClassMap) -> Floats:
    """Score of each class, [C]: the weighted sum of the scores [K] of the columns that keep it."""
    return np.asarray(scores @ mapping.weight)


def class_cas(cas: Floats, scores: Floats, mapping: ClassMap, merge: Merge = "max") -> Floats:
    """CAS of the classes [T, C] from that of the columns [T, K].

    max: at each snippet the highest of the columns that keep the class; weighted: their mean, weighted by the
    mapping and the video's scores [K]. Zero for classes that no column keeps.
    """
    if merge == "weighted":
        share = mapping.weight * scores[:, None]
        total = share.sum(axis=0)
        return np.asarray(cas @ np.divide(share, total, out=np.zeros_like(share), where=total > 0))
    merged = np.zeros((len(cas), len(mapping.classes)), dtype=cas.dtype)
    for column, label in zip(*np.nonzero(mapping.weight), strict=True):
        np.maximum(merged[:, label], cas[:, column], out=merged[:, label])
    return merged
