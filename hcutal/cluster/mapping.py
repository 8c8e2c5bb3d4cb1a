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
# Not in files from before clusters of pieces were held against chance.
LATER_COLUMNS = {"chance": float}


@dataclass(frozen=True)
class MappingRow:
    """A label that `count` of the `videos` videos of a cluster have; kept as a name of the cluster (1) or not (0).

    Where training looked at pieces, `videos` are pieces, each with the labels of its recording, and `chance` is the
    share of all pieces that have this label: so many of any cluster would have it.
    """

    cluster: int
    label: str
    count: int
    videos: int
    kept: int
    chance: float = 0.0

    @property
    def share(self) -> float:
        """The share of the cluster that has the label, beyond chance; 1 where nothing was counted.

        0 is that of chance or less, 1 all of the cluster, as for the kappa of Cohen (1960).

        >>> MappingRow(0, "run", 6, 8, 1).share, MappingRow(0, "run", 6, 8, 1, chance=0.5).share
        (0.75, 0.5)
        """
        return float(_beyond(self.count / self.videos, self.chance)) if self.videos else 1.0


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
    clusters: Mapping[str, int],
    labels: Mapping[str, Sequence[str]],
    fraction: float = 0.5,
    beyond_chance: bool = False,
) -> list[MappingRow]:
    """Count the video-level labels in every cluster, and name the clusters by `kept_classes`.

    A cluster may keep several labels, and a label may name several clusters.

    Args:
        clusters: the cluster of each training video.
        labels: the labels of each of these videos; several, or none.
        fraction: as in `kept_classes`.
        beyond_chance: whether the rule counts what is beyond chance alone (`MappingRow.share`): for pieces, which have
            the labels of all that their recordings show.

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

    Half of all have `run`, so that half of a cluster is chance:

    >>> clusters = {"a": 0, "b": 0, "c": 1, "d": 1}
    >>> labels = {"a": ["jump", "run"], "b": ["jump"], "c": ["run"], "d": []}
    >>> [(row.label, row.share, row.kept) for row in map_clusters(clusters, labels, beyond_chance=True)]
    [('jump', 1.0, 1), ('run', 0.0, 0), ('run', 0.0, 0)]
    """
    used = sorted(set(clusters.values()))
    names = sorted({label for video in clusters for label in labels[video]})
    videos = np.zeros(len(used), dtype=np.int64)
    counts = np.zeros((len(used), len(names)), dtype=np.int64)
    for video, cluster in clusters.items():
        row = used.index(cluster)
        videos[row] += 1
        counts[row, [names.index(label) for label in set(labels[video])]] += 1
    chance = counts.sum(axis=0) / max(len(clusters), 1) if beyond_chance else np.zeros(len(names))
    kept = kept_classes(_beyond(counts / videos[:, None], chance) if beyond_chance else counts, fraction)
    return [
        MappingRow(
            used[row],
            names[column],
            int(counts[row, column]),
            int(videos[row]),
            int(kept[row, column]),
            float(chance[column]),
        )
        for row in range(len(used))
        for column in np.argsort(-counts[row], kind="stable")
        if counts[row, column]
    ]


def _beyond(share: npt.ArrayLike, chance: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """What a share has beyond chance, of what it could have: 0 to 1."""
    share, chance = np.asarray(share, dtype=np.float64), np.asarray(chance, dtype=np.float64)
    # What all have says nothing about any.
    most = np.where(chance < 1, 1 - chance, np.inf)
    return np.asarray(np.clip((share - chance) / most, 0, None))


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
    """Write `mapping.csv`: cluster, label, count, videos, kept, chance."""
    columns = [*COLUMNS, *LATER_COLUMNS]
    write_table(path, [dict(zip(columns, astuple(row), strict=True)) for row in rows], columns)


def read_mapping(path: str | Path) -> list[MappingRow]:
    """Read `mapping.csv`; `HcutalError` names the file and the line of an impossible value."""
    table = read_table(path, COLUMNS, LATER_COLUMNS)
    rows = [MappingRow(*row) for row in table.itertuples(index=False)]
    for number, row in enumerate(rows, start=2):
        impossible = row.cluster < 0 or not 0 <= row.count <= row.videos or not 0 <= row.chance <= 1
        if impossible or row.kept not in (0, 1) or not row.label:
            raise HcutalError(
                f"{path}: line {number}: found {row}; "
                "expected cluster >= 0, count <= videos, kept 0 or 1, chance 0 to 1, a label"
            )
    return rows
