"""labels/<run>.csv: the clusters of a training, for a person to name."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from hcutal.cluster.assigned import piece_names, read_assigned
from hcutal.cluster.mapping import MappingRow, read_mapping, training_id
from hcutal.errors import HcutalError
from hcutal.layout import RunPaths, names_file
from hcutal.params.given_labels import NAME_COLUMNS, given_names
from hcutal.tables import read_texts, write_table

COLUMNS = ["cluster", "name", "training", "recordings", "called", "typical"]
SHOWN = 3


class OtherTrainingError(HcutalError):
    """Names are of the clusters of another training than the present one."""


def make_names(run: str, renew: bool) -> tuple[Path, bool]:
    """The file, and whether it was made now; one that fits the training is left as it is.

    A file of another training is kept as labels/<run>-<training>.csv with `renew`. Raises `OtherTrainingError`
    without it, and `HcutalError` where nothing is trained yet.
    """
    source = RunPaths.of(run).pseudo_labels
    if not source.exists():
        raise HcutalError(f"{source}: no such file; train first: hcutal run {run}")
    training, path = training_id(source), names_file(run)
    if path.exists():
        known = given_names(path)["named_training"]
        if known in (None, training):
            return path, False
        if not renew:
            raise OtherTrainingError(
                f"{path}: names clusters of training {known}; the present one is {training}: "
                f"hcutal names {run} --renew keeps the old file aside"
            )
        path.rename(path.with_name(f"{run}-{known}.csv"))
    mapping = RunPaths.of(run).mapping
    called = read_mapping(mapping) if mapping.exists() else []
    write_table(path, names_rows(read_assigned(source), called, training), COLUMNS)
    return path, True


def names_rows(
    assigned: pd.DataFrame, mapping: Sequence[MappingRow], training: str
) -> list[dict[str, str | int]]:
    """A row a cluster: its size, what it is called now, and its most confident recordings."""
    ordered = assigned.assign(piece=piece_names(assigned)).sort_values(
        ["confidence", "video"], ascending=[False, True], kind="stable"
    )
    called: dict[int, list[str]] = {}
    for row in mapping:
        if row.kept:
            called.setdefault(row.cluster, []).append(row.label)
    return [
        {
            "cluster": cluster,
            "name": "",
            "training": training,
            "recordings": int(own["video"].nunique()),
            "called": " | ".join(called.get(cluster, [])),
            "typical": " | ".join(own["piece"].head(SHOWN)),
        }
        for cluster, own in ((int(str(key)), part) for key, part in ordered.groupby("cluster", sort=True))
    ]


def write_names(run: str, names: Mapping[int, str], renew: bool = False) -> None:
    """Put names of clusters into the table, an empty one in the place of a name that is taken back.

    What else stands in the table stays, also columns of a person's own. Raises as `make_names`.
    """
    path, _ = make_names(run, renew)
    cluster, name = NAME_COLUMNS
    table = read_texts(path)
    columns = list(map(str, table.columns))
    rows = [dict(zip(columns, row, strict=True)) for row in table.itertuples(index=False)]
    known = {int(row[cluster]): row for row in rows}
    for number, given in sorted(names.items()):
        if number not in known:
            known[number] = {**dict.fromkeys(columns, ""), cluster: str(number)}
        known[number][name] = given
    write_table(path, [known[number] for number in sorted(known)], columns)
