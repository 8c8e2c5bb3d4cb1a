"""labels/<run>.csv: the clusters of a training, for a person to name."""

from pathlib import Path

from hcutal.cluster.assigned import piece_names, read_assigned
from hcutal.cluster.mapping import read_mapping, training_id
from hcutal.errors import HcutalError
from hcutal.layout import RunPaths, names_file
from hcutal.params.given_labels import given_names
from hcutal.tables import write_table

COLUMNS = ["cluster", "name", "training", "recordings", "called", "typical"]
SHOWN = 3


def make_names(run: str, renew: bool) -> tuple[Path, bool]:
    """The file, and whether it was made now; one that fits the training is left as it is.

    A file of another training is kept as labels/<run>-<training>.csv with `renew`. Raises `HcutalError`
    without it, and where nothing is trained yet.
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
            raise HcutalError(
                f"{path}: names clusters of training {known}; the present one is {training}: "
                f"hcutal names {run} --renew keeps the old file aside"
            )
        path.rename(path.with_name(f"{run}-{known}.csv"))
    write_table(path, _rows(run, source, training), COLUMNS)
    return path, True


def _rows(run: str, source: Path, training: str) -> list[dict[str, str | int]]:
    """A row a cluster: its size, what it is called now, and its most confident recordings."""
    table = read_assigned(source)
    table["piece"] = piece_names(table)
    ordered = table.sort_values(["confidence", "video"], ascending=[False, True], kind="stable")
    mapping = RunPaths.of(run).mapping
    called: dict[int, list[str]] = {}
    for row in read_mapping(mapping) if mapping.exists() else []:
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
