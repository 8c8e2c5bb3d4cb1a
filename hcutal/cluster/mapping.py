"""Names for clusters: the count rule of the paper (section 3.2.1, after TCAM)."""

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
    """A label that `count` of the `videos` videos of a cluster have; kept (1) as a name of it or not (0)."""

    cluster: int
    label: str
    count: int
    videos: int
    kept: int


def kept_classes(counts: npt.NDArray[np.number], fraction: float = 0.5) -> npt.NDArray[np.bool_]:
    """The count rule: the classes that each cluster keeps [C, K], from its counts [C, K] of video labels.

    With t the count of a cluster's most frequent class, classes with a count >= fraction * t (paper: 1/2) are
    kept; a cluster without counts keeps none.
    """
    if not 0 < fraction <= 1:
        raise HcutalError(f"fraction is {fraction}; expected above 0 and at most 1")
    most = counts.max(axis=1, keepdims=True, initial=0)
    return np.asarray((counts >= fraction * most) & (counts > 0), dtype=np.bool_)


def map_clusters(
    clusters: Mapping[str, int], labels: Mapping[str, Sequence[str]], fraction: float = 0.5
) -> list[MappingRow]:
    """Count the video-level labels in every cluster and name the clusters by `kept_classes`.

    A cluster may keep several labels and a label may name several clusters. Labels that do not occur in a
    cluster have no row. Rows are sorted by cluster, falling count, label.

    clusters: cluster of each training video; labels: its labels (a video may have several, or none).
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
    """Column k of the model is called names[k], which occurs in counts[k] training videos (0 if missing)."""
    return [
        MappingRow(cluster, name, counts.get(cluster, 0), counts.get(cluster, 0), 1)
        for cluster, name in enumerate(names)
    ]


def training_id(pseudo_labels: Path) -> str:
    """What tells one training's clusters from another's: `t` and the first digits of the SHA-256 of its pseudo-labels.

    Without the letter, a spreadsheet would take some of them for numbers.
    """
    return "t" + sha256(pseudo_labels)[:12]


def write_mapping(path: str | Path, rows: Sequence[MappingRow]) -> None:
    """Write `mapping.csv`: cluster, label, count, videos, kept."""
    write_table(path, [dict(zip(COLUMNS, astuple(row), strict=True)) for row in rows], list(COLUMNS))


def read_mapping(path: str | Path) -> list[MappingRow]:
    """Read `mapping.csv`; `HcutalError` names file and row for values that cannot be."""
    rows = [MappingRow(*row) for row in read_table(path, COLUMNS).itertuples(index=False)]
    for number, row in enumerate(rows, start=2):
        if row.cluster < 0 or not 0 <= row.count <= row.videos or row.kept not in (0, 1) or not row.label:
            raise HcutalError(
                f"{path}: line {number}: found {row}; "
                "expected cluster >= 0, count <= videos, kept 0 or 1, a label"
            )
    return rows
