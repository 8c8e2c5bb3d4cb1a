"""What is wrong with data, by gravity, each with the places where it is found and what mends it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from hcutal.errors import HcutalError

ERROR, WARNING, NOTE = "error", "warning", "note"
GRAVITIES = (ERROR, WARNING, NOTE)
SHOWN = 3


@dataclass(frozen=True)
class Problem:
    """One kind of fault.

    Attributes:
        gravity: `error` (it cannot be used so), `warning` (it can, and the result may be wrong), `note`.
        kind: a short name of the kind, the same wherever it is found.
        message: what was found, in words.
        remedy: what mends it.
        places: the files, recordings or records that have it.
    """

    gravity: str
    kind: str
    message: str
    remedy: str
    places: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The problem with its first places, on one line."""
        return f"{self.message}: {some(self.places)}" if self.places else self.message


@dataclass
class Findings:
    """A summary of what was read, and the problems in the order in which they were found.

    >>> found = Findings()
    >>> found.add(WARNING, "empty", "1 file is empty", "remove it", ["a.npy"])
    >>> found.problems[0].text, found.errors
    ('1 file is empty: a.npy', [])
    """

    summary: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, gravity: str, kind: str, message: str, remedy: str, places: Iterable[str] = ()) -> None:
        """Note a problem."""
        self.problems.append(Problem(gravity, kind, message, remedy, tuple(places)))

    def add_each(self, gravity: str, kind: str, places: Iterable[str], message: str, remedy: str) -> None:
        """Note a problem that several have, where there is one: `message` is put behind their number."""
        listed = tuple(places)
        if listed:
            self.add(gravity, kind, f"{len(listed)} {message}", remedy, listed)

    def has(self, *kinds: str) -> bool:
        """Whether a problem of one of some kinds was found."""
        return any(problem.kind in kinds for problem in self.problems)

    @property
    def errors(self) -> list[Problem]:
        """What stands in the way."""
        return [problem for problem in self.problems if problem.gravity == ERROR]

    def by_gravity(self) -> Iterator[Problem]:
        """Errors first, then warnings, then notes."""
        for gravity in GRAVITIES:
            yield from (problem for problem in self.problems if problem.gravity == gravity)

    def merge(self, other: "Findings") -> None:
        """Take over what was found elsewhere."""
        self.summary.update(other.summary)
        self.problems.extend(other.problems)

    def refuse(self, what: object) -> None:
        """Raise `HcutalError` with all errors and their remedies, where there is one."""
        if self.errors:
            lines = [f"{what}: {len(self.errors)} error{'' if len(self.errors) == 1 else 's'}"]
            lines += [f"  {problem.text}\n    {problem.remedy}" for problem in self.errors]
            raise HcutalError("\n".join(lines))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "summary": self.summary,
            "errors": len(self.errors),
            "problems": [asdict(problem) | {"places": list(problem.places)} for problem in self.by_gravity()],
        }


def spread(values: Collection[float]) -> dict[str, float]:
    """The least, the median and the greatest of some values; empty where there is none.

    >>> spread([3.0, 1.0, 9.0])
    {'least': 1.0, 'median': 3.0, 'greatest': 9.0}
    """
    if not values:
        return {}
    found = {"least": min(values), "median": median(values), "greatest": max(values)}
    return {name: round(value, 3) for name, value in found.items()}


def some(names: Iterable[str], most: int = SHOWN) -> str:
    """The first of some names, with commas between them.

    >>> some(["a", "b", "c", "d"])
    'a, b, c, ...'
    """
    listed = list(names)
    return ", ".join(listed[:most]) + (", ..." if len(listed) > most else "")
