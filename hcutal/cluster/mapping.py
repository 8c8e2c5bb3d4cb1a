"""Names for clusters: the count rule of HC-UTAL (section 3.2.1, after TCAM)."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hcutal.errors import HcutalError
from hcutal.files import sha256
from hcutal.tables import read_table, write_table

COLUMNS = {"cluster": int, "label": str, "count": int, "videos": int, "kept": int}


@dataclass(frozen=True)
class MappingRow:
    """A label that `count` of the `videos` videos of a cluster have; kept as a name of the cluster (1) or not (0)."""

    cluster: int
    label: str
    count: int
    videos: int
    kept: int


def kept_classes(counts: npt.NDArray[np.number], fraction: float = 0.5) -> npt.NDArray[np.bool_]:
    """The count rule: which classes each cluster keeps.

    With t the count of a cluster's most frequent class, classes with a count >= fraction * t are kept. A cluster
    without labels keeps none.

    Args:
        counts: [C, K], how many videos of each cluster have each class.
        fraction: above 0 and at most 1; 1/2 in the paper.

    Returns:
        [C, K], whether the cluster keeps the class.

    Raises:
        HcutalError: for another fraction.

    >>> kept_classes(np.array([[6, 3, 2], [0, 0, 0]])).tolist()
    [[True, True, False], [False, False, False]]
    """
    if not 0 < fraction <= 1:
        raise HcutalError(f"fraction is {fraction}; expected above 0 and at most 1")
    most = counts.max(axis=1, keepdims=True, initial=0)
    return np.asarray((counts >= fraction * most) & (counts > 0), dtype=np.bool_)


def map_clusters(
    clusters: Mapping[str, int], labels: Mapping[str, Sequence[str]], fraction: float = 0.5
) -> list[MappingRow]:
    """Count the video-level labels in every cluster, and name the clusters by `kept_classes`.

    A cluster may keep several labels, and a label may name several clusters.

    Args:
        clusters: the cluster of each training video.
        labels: the labels of each of these videos; several, or none.
        fraction: as in `kept_classes`.

    Returns:
        A row for each label that occurs in a cluster, by cluster, falling count and label.

    Raises:
        HcutalError: as `kept_classes`.

    >>> clusters = {"a": 0, "b": 0, "c": 0, "d": 1}
    >>> labels = {"a": ["run"], "b": ["run"], "c": ["run", "jump"], "d": ["jump"]}
    >>> for row in map_clusters(clusters, labels):
    ...     print(row.cluster, row.label, row.count, "of", row.videos, "kept" if row.kept else "dropped")
    0 run 3 of 3 kept
    0 jump 1 of 3 dropped
    1 jump 1 of 1 kept
    """
    used = sorted(set(clusters.values()))
    names = sorted({label for video in clusters for label in labels[video]})
    videos = np.zeros(len(used), dtype=np.int64)
    counts = np.zeros((len(used), len(names)), dtype=np.int64)
    for video, cluster in clusters.items():
        row = used.index(cluster)
        videos[row] += 1
        counts[row, [names.index(label) for label in set(labels[video])]] += 1
    kept = kept_classes(counts, fraction)
    return [
        MappingRow(
            used[row], names[column], int(counts[row, column]), int(videos[row]), int(kept[row, column])
        )
        for row in range(len(used))
        for column in np.argsort(-counts[row], kind="stable")
        if counts[row, column]
    ]


def identity_mapping(names: Sequence[str], counts: Mapping[int, int]) -> list[MappingRow]:
    """The mapping of a model whose columns are classes already: column k is names[k].

    counts: how many training videos have the class of each column; 0 where a column is missing.

    >>> [(row.cluster, row.label, row.count) for row in identity_mapping(["jump", "run"], {1: 4})]
    [(0, 'jump', 0), (1, 'run', 4)]
    """
    return [
        MappingRow(cluster, name, counts.get(cluster, 0), counts.get(cluster, 0), 1)
        for cluster, name in enumerate(names)
    ]


def training_id(pseudo_labels: Path) -> str:
    """An id of a training, by which its clusters are told from those of another one.

    It is `t` and the first 12 digits of the SHA-256 of its pseudo-labels. Without the letter, a spreadsheet would
    read some ids as numbers.
    """
    return "t" + sha256(pseudo_labels)[:12]


def write_mapping(path: str | Path, rows: Sequence[MappingRow]) -> None:
    """Write `mapping.csv`: cluster, label, count, videos, kept."""
    write_table(path, [dict(zip(COLUMNS, astuple(row), strict=True)) for row in rows], list(COLUMNS))


def read_mapping(path: str | Path) -> list[MappingRow]:
    """Read `mapping.csv`; `HcutalError` names the file and the line of an impossible value."""
    rows = [MappingRow(*row) for row in read_table(path, COLUMNS).itertuples(index=False)]
    for number, row in enumerate(rows, start=2):
        if row.cluster < 0 or not 0 <= row.count <= row.videos or row.kept not in (0, 1) or not row.label:
            raise HcutalError(
                f"{path}: line {number}: found {row}; "
                "expected cluster >= 0, count <= videos, kept 0 or 1, a label"
            )
    return rows
