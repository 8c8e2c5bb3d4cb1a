"""labels/<run>.marks.csv: segments that a person has looked at, and what they are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from hcutal.errors import HcutalError
from hcutal.tables import read_table, write_table

RIGHT, WRONG = "right", "wrong"
COLUMNS = {
    "recording": str,
    "start": float,
    "end": float,
    "label": str,
    "clusters": str,
    "verdict": str,
    "name": str,
    "training": str,
}
# Of a second: as exact as a page says where a segment starts and ends.
DIGITS = 2
NUMBERED = re.compile(r"cluster-\d{2,}")
Key = tuple[str, float, float, str]


@dataclass(frozen=True)
class Mark:
    """What a person says of a segment (start, end in seconds) that was found with a label.

    Attributes:
        clusters: those that the label stood for, such as `3` or `3 7`; empty where training was given classes.
        verdict: `right`, or `wrong`.
        name: what a wrong one shows instead; empty where nobody said.
        training: of which the clusters are.
    """

    recording: str
    start: float
    end: float
    label: str
    clusters: str
    verdict: str
    name: str
    training: str

    @property
    def key(self) -> Key:
        """The segment that it is of."""
        return self.recording, round(self.start, DIGITS), round(self.end, DIGITS), self.label

    def is_of_segment(self, other: "Mark") -> bool:
        """Whether another mark is of the same segment, whatever its cluster was called when either was made."""
        shared = set(self.clusters.split()) & set(other.clusters.split())
        is_one = self.label == other.label or (bool(shared) and self.training == other.training)
        return self.key[:-1] == other.key[:-1] and is_one

    def shown(self, names: Mapping[str, str], training: str | None) -> str | None:
        """What the segment shows, by the names that clusters have now; None where it is only known what it is not.

        names: by the clusters' numbers; of the training of that id.
        """
        return (self.name or None) if self.verdict == WRONG else self.called(names, training)

    def called(self, names: Mapping[str, str], training: str | None) -> str:
        """What it was found as, by the names that clusters have now."""
        is_known = self.training == training
        given = {names.get(number) for number in self.clusters.split()} if is_known else set()
        (only,) = given if len(given) == 1 else (None,)
        return only or self.label


def is_numbered(label: str) -> bool:
    """Whether a label is but the number of a cluster, which is another one after another training."""
    return NUMBERED.fullmatch(label) is not None


def read_marks(path: Path) -> list[Mark]:
    """All marks of a file; none without it. `HcutalError` names the line of a wrong one, and of a second one."""
    if not path.exists():
        return []
    marks: dict[Key, Mark] = {}
    for line, row in enumerate(read_table(path, COLUMNS).itertuples(index=False), start=2):
        mark = Mark(*row)
        if problem := problem_of(mark):
            raise HcutalError(f"{path}: line {line}: {problem}")
        if mark.key in marks:
            raise HcutalError(f"{path}: line {line}: {mark.recording} has a mark there already; expected one")
        marks[mark.key] = mark
    return list(marks.values())


def write_marks(path: Path, marks: Sequence[Mark]) -> None:
    """Write the table, by recording and time."""
    write_table(path, [asdict(mark) for mark in sorted(marks, key=lambda mark: mark.key)], list(COLUMNS))


def problem_of(mark: Mark) -> str:
    """What is impossible about a mark; empty where nothing is."""
    if mark.verdict not in (RIGHT, WRONG):
        return f"verdict is {mark.verdict!r}; expected {RIGHT} or {WRONG}"
    if not (mark.recording and mark.label and 0 <= mark.start < mark.end < float("inf")):
        found = f"{mark.recording!r}, {mark.start} to {mark.end} s, {mark.label!r}"
        return f"found {found}; expected a recording, 0 <= start < end, a label"
    return ""
