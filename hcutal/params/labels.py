"""The folder labels/: names that people give to clusters, and annotations that they bring."""

import csv
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hcutal.errors import HcutalError

NAME_COLUMNS = ("cluster", "name", "training")


def given_names(path: Path) -> dict[str, Any]:
    """The parameters `names` and `named_training` of the map stage from labels/<experiment>.csv; none without the file.

    Columns: cluster (a number), name (empty: no name), and, where `hcutal names` made the file, training (which
    training the clusters are of). Others are left alone. Raises `HcutalError` naming file and line.
    """
    if not path.exists():
        return {}
    rows = _read_rows(path)
    trainings = {row["training"] for row in rows if row.get("training")}
    if len(trainings) > 1:
        raise HcutalError(f"{path}: clusters of {len(trainings)} trainings; expected those of one")
    names: dict[str, str] = {}
    for line, row in enumerate(rows, start=2):
        cluster, name = (row["cluster"] or "").strip(), (row["name"] or "").strip()
        if not cluster.isdecimal() or str(int(cluster)) in names:
            raise HcutalError(f"{path}: line {line}: cluster is {cluster!r}; expected a number, each once")
        if name:
            names[str(int(cluster))] = name
    return {"names": names, "named_training": next(iter(trainings), None)}


def _read_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            columns, rows = list(reader.fieldnames or []), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise HcutalError(f"{path}: not a CSV table ({error})") from error
    missing = [name for name in NAME_COLUMNS[:2] if name not in columns]
    if missing:
        raise HcutalError(f"{path}: no column {missing[0]}; found {', '.join(columns)}")
    return rows


def annotations_hash(prepare: Mapping[str, Any], labels: Path) -> dict[str, str]:
    """The SHA-256 of the annotations' file that the section `prepare` names, so that its edit is noticed."""
    name = prepare.get("annotations")
    if name is None:
        return {}
    path = labels / name
    if Path(name).name != name:
        raise HcutalError(f"prepare.annotations: found {name!r}; expected the name of a file in {labels}/")
    try:
        return {"annotations_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    except OSError as error:
        raise HcutalError(
            f"{path}: cannot be read ({error.strerror}); prepare.annotations names it"
        ) from error
