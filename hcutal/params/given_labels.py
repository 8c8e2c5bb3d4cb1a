"""The folder labels/: names that people give to clusters, and annotations that they bring."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hcutal.errors import HcutalError
from hcutal.files import sha256
from hcutal.layout import names_file, run_name
from hcutal.tables import read_table

NAME_COLUMNS = ("cluster", "name")
TRAINING = "training"
# Parameters of `prepare` that name a file of the folder.
FILES = ("annotations", "dropped", "taught")


def given_names(path: Path) -> dict[str, Any]:
    """The parameters `names` and `named_training` of the map stage from labels/<run>.csv; none without the file.

    Columns: cluster (a number), name (empty: no name), and, where `hcutal names` made the file, training (which
    training the clusters are of). Others are left alone. Raises `HcutalError` naming file and line.
    """
    if not path.exists():
        return {}
    table = read_table(path, dict.fromkeys(NAME_COLUMNS, str), {TRAINING: str})
    trainings = set(table[TRAINING]) - {""} if TRAINING in table else set()
    if len(trainings) > 1:
        raise HcutalError(f"{path}: clusters of {len(trainings)} trainings; expected those of one")
    names: dict[str, str] = {}
    for line, (cluster, name) in enumerate(
        zip(*(table[key].str.strip() for key in NAME_COLUMNS), strict=True), 2
    ):
        if not cluster.isdecimal() or str(int(cluster)) in names:
            raise HcutalError(f"{path}: line {line}: cluster is {cluster!r}; expected a number, each once")
        if name:
            names[str(int(cluster))] = name
    return {"names": names, "named_training": next(iter(trainings), None)}


def refuse_shared_names(path: Path, experiment: str, seeds: Sequence[int]) -> None:
    """Raise `HcutalError` for names of a whole experiment: the clusters of its runs are others."""
    if path.exists():
        named = path.with_name(names_file(run_name(experiment, seeds[0])).name)
        raise HcutalError(f"{path}: names belong to a run, whose clusters they are of; rename it to {named}")


def label_hashes(prepare: Mapping[str, Any], labels: Path) -> dict[str, str]:
    """The SHA-256 of each file in `labels` that the section `prepare` names, so that its edit is noticed."""
    named = {key: prepare[key] for key in FILES if prepare.get(key) is not None}
    return {f"{key}_sha256": _hash(key, name, labels) for key, name in named.items()}


def _hash(key: str, name: str, labels: Path) -> str:
    if Path(name).name != name:
        raise HcutalError(f"prepare.{key}: found {name!r}; expected the name of a file in {labels}/")
    try:
        return sha256(labels / name)
    except HcutalError as error:
        raise HcutalError(f"{error}; prepare.{key} names it") from error
