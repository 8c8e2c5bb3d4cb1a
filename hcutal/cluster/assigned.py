"""pseudo_labels.csv: the cluster of each piece that training looked at, a whole recording or a part of one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.tables import read_table, write_table

COLUMNS = {"video": str, "start": float, "end": float, "cluster": int, "confidence": float}
# Seconds from one moment to the next at which clusters and classes are compared.
MOMENT = 0.1


def write_assigned(path: Path, rows: Sequence[dict[str, object]]) -> None:
    """Write a row a piece: its recording, start and end in seconds, its cluster, and how sure g_v is of it."""
    write_table(path, rows, list(COLUMNS))


def read_assigned(path: Path) -> pd.DataFrame:
    """The rows of the file, by the columns of `COLUMNS`.

    Raises:
        HcutalError: when a piece stands there twice, ends before it starts, or has a cluster below 0.
    """
    table = read_table(path, COLUMNS)
    wrong = table.duplicated(["video", "start"]) | (table["cluster"] < 0) | ~(table["start"] < table["end"])
    if wrong.any():
        row = table[wrong].iloc[0]
        raise HcutalError(
            f"{path}: found {row['video']}, {row['start']} to {row['end']} s, cluster {row['cluster']}; "
            "expected each piece once, start < end, cluster >= 0"
        )
    return table


def piece_names(assigned: pd.DataFrame) -> list[str]:
    """What the pieces are called: by their recording, and by their time where a recording has several.

    >>> rows = [("a", 0.0, 4.0), ("a", 2.0, 6.5), ("b", 0.0, 3.0)]
    >>> piece_names(pd.DataFrame(rows, columns=["video", "start", "end"]))
    ['a 0-4 s', 'a 2-6.5 s', 'b']
    """
    several = assigned.duplicated("video", keep=False)
    return [
        f"{video} {start:g}-{end:g} s" if is_part else str(video)
        for video, start, end, is_part in zip(
            assigned["video"], assigned["start"], assigned["end"], several, strict=True
        )
    ]


def is_cut(assigned: pd.DataFrame) -> bool:
    """Whether recordings were looked at in several pieces."""
    return bool(assigned["video"].duplicated().any())


def moment_metrics(assigned: pd.DataFrame, instances: pd.DataFrame) -> dict[str, float]:
    """How well clusters of pieces agree with classes on annotated action; empty where none is annotated.

    A moment of an instance belongs to the piece whose middle is nearest. Moments stand every `MOMENT` seconds.

    Args:
        assigned: as `read_assigned` gives it.
        instances: columns video, start, end (seconds), label.

    Returns:
        ARI/action and NMI/action (arithmetic mean), and the number of moments.

    >>> assigned = pd.DataFrame({"video": "a", "start": [0.0, 4.0], "end": [4.0, 8.0], "cluster": [5, 7]})
    >>> rows = [("a", 1.0, 3.0, "run"), ("a", 5.0, 6.0, "jump")]
    >>> instances = pd.DataFrame(rows, columns=["video", "start", "end", "label"])
    >>> moment_metrics(assigned, instances)
    {'ARI/action': 1.0, 'NMI/action': 1.0, 'moments': 30.0}
    """
    # Slow to import, and only needed here.
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    found: list[np.ndarray] = []
    expected: list[str] = []
    pieces = dict(iter(assigned.groupby("video", sort=False)))
    for video, start, end, label in instances[["video", "start", "end", "label"]].itertuples(index=False):
        if video not in pieces:
            continue
        own = pieces[video]
        middles = ((own["start"] + own["end"]) / 2).to_numpy()
        order = np.argsort(middles, kind="stable")
        moments = np.arange(start + MOMENT / 2, end, MOMENT)
        borders = (middles[order][1:] + middles[order][:-1]) / 2
        found.append(own["cluster"].to_numpy()[order][np.searchsorted(borders, moments)])
        expected += [label] * len(moments)
    if not expected:
        return {}
    clusters = np.concatenate(found)
    return {
        "ARI/action": float(adjusted_rand_score(expected, clusters)),
        "NMI/action": float(normalized_mutual_info_score(expected, clusters)),
        "moments": float(len(expected)),
    }
