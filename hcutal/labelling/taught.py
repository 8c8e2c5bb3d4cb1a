"""labels/<run>.taught.csv: labels of recordings that a person's names and marks give, for weak supervision alone."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hcutal.errors import HcutalError
from hcutal.labelling.marks import WRONG, Mark, is_numbered
from hcutal.tables import read_table, write_table

COLUMNS = {"recording": str, "label": str}


def taught_labels(
    clusters: Iterable[tuple[str, int]],
    names: Mapping[str, str],
    marks: Sequence[Mark],
    dropped: Iterable[str],
    training: str,
) -> dict[str, list[str]]:
    """The labels of each recording that has some, sorted.

    A recording has the names of its clusters, as far as a person named them, and what its marks say: what a segment
    shows is added, what it does not show is taken away, unless another mark says that it is there.

    Args:
        clusters: recordings, or pieces of them, with their cluster.
        names: that a person gave, by the cluster's number.
        marks: of any training.
        dropped: recordings that have no labels.
        training: the id of the training that clusters and names are of.

    >>> marks = [Mark("b", 0.0, 4.0, "jump", "0", "wrong", "run", "t1")]
    >>> taught_labels([("a", 0), ("b", 0), ("c", 1)], {"0": "jump"}, marks, [], "t1")
    {'a': ['jump'], 'b': ['run']}
    """
    found: dict[str, set[str]] = {}
    for recording, cluster in clusters:
        if name := names.get(str(cluster)):
            found.setdefault(recording, set()).add(name)
    for mark in marks:
        if mark.verdict == WRONG:
            found.setdefault(mark.recording, set()).discard(mark.called(names, training))
    for mark in marks:
        shown = mark.shown(names, training)
        # That a segment is like others of a cluster without a name says no label.
        if shown is not None and not is_numbered(shown):
            found.setdefault(mark.recording, set()).add(shown)
    left_out = set(dropped)
    return {name: sorted(labels) for name, labels in sorted(found.items()) if labels and name not in left_out}


def read_taught(path: Path) -> dict[str, list[str]]:
    """The labels of each recording that the table names; `HcutalError` where one is empty."""
    labels: dict[str, list[str]] = {}
    for line, (recording, label) in enumerate(read_table(path, COLUMNS).itertuples(index=False), start=2):
        if not recording or not label:
            raise HcutalError(
                f"{path}: line {line}: found {recording!r}, {label!r}; expected a recording and a label"
            )
        labels.setdefault(recording, []).append(label)
    return {recording: sorted(set(own)) for recording, own in labels.items()}


def write_taught(path: Path, labels: Mapping[str, Sequence[str]]) -> None:
    """Write the table, a row for each label of each recording."""
    rows = [{"recording": name, "label": label} for name, own in sorted(labels.items()) for label in own]
    write_table(path, rows, list(COLUMNS))
