"""Which module makes the data of which kind; modules are named, so that no kind needs another's code."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from hcutal.errors import HcutalError
from hcutal.params.section import RESOLVED, Section, read_section


class Kind(NamedTuple):
    """A function that makes something for one kind of data set, and the model of its parameters."""

    module: str
    function: str
    model: type[Section]

    def call(self, *arguments: Any) -> None:
        """Import the module and call the function."""
        getattr(importlib.import_module(self.module), self.function)(*arguments)


class DatasetEntry(BaseModel):
    """What resolved.json says of a data set, sections of stages apart."""

    kind: str
    source: Path


def dataset_entry(dataset: str, kinds: Mapping[str, Kind]) -> tuple[DatasetEntry, Kind]:
    """The entry of a data set and what its kind stands for; `HcutalError` when either is unknown."""
    entry = read_section(DatasetEntry, "datasets", dataset)
    if entry.kind not in kinds:
        expected = ", ".join(sorted(kinds))
        raise HcutalError(
            f"{RESOLVED}: datasets.{dataset}.kind is {entry.kind!r}; expected one of {expected}"
        )
    return entry, kinds[entry.kind]
