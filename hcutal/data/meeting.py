"""Where two sets of names meet: compared in one Unicode form, and told what does not meet."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from hcutal.data.problems import some
from hcutal.errors import HcutalError

Value = TypeVar("Value")


def plain(name: str) -> str:
    """A name in the composed Unicode form (NFC), without blanks around it.

    macOS writes names of files decomposed, so that two names which look the same are not.

    >>> plain("e\\u0301 ") == "\\u00e9"
    True
    """
    return name.strip() if name.isascii() else unicodedata.normalize("NFC", name).strip()


def plain_keys(values: Mapping[str, Value], where: object) -> dict[str, Value]:
    """The same values under plain names; `HcutalError` where two names become the same."""
    made: dict[str, Value] = {}
    for name, value in values.items():
        if plain(name) in made:
            raise HcutalError(
                f"{where}: {name!r} stands there twice, in another Unicode form or with blanks; "
                "expected each name once"
            )
        made[plain(name)] = value
    return made


@dataclass(frozen=True)
class Meeting:
    """Two sets of names, compared: what both have, and what only one of them has; sorted."""

    both: list[str]
    first: list[str]
    second: list[str]

    @classmethod
    def of(cls, first: Iterable[str], second: Iterable[str]) -> "Meeting":
        """Compare the plain forms.

        >>> Meeting.of(["a", "b"], ["b", "c"])
        Meeting(both=['b'], first=['a'], second=['c'])
        """
        one, other = {plain(name) for name in first}, {plain(name) for name in second}
        return cls(sorted(one & other), sorted(one - other), sorted(other - one))

    def text(self, what: str, first: str, second: str) -> str:
        """One line that says what meets, and examples of what does not.

        >>> Meeting.of(["a", "b"], ["b", "c"]).text("recordings", "annotated", "predicted")
        'recordings: 1 both annotated and predicted; 1 only annotated (a); 1 only predicted (c)'
        """
        return f"{what}: {self.counts(first, second)}"

    def counts(self, first: str, second: str) -> str:
        """What `text` says, without a name for what meets."""
        line = f"{len(self.both)} both {first} and {second}"
        for name, names in ((first, self.first), (second, self.second)):
            if names:
                line += f"; {len(names)} only {name} ({some(names)})"
        return line
