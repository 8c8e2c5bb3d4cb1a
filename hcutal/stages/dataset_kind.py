"""The kind of a data set: its module and parameters, as resolved.json names them."""

import importlib
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from hcutal.errors import HcutalError
from hcutal.layout import RESOLVED
from hcutal.params.kinds import KINDS, stage_model
from hcutal.params.section import Section, read_section


class _Entry(BaseModel):
    """What resolved.json says of a data set, sections of stages apart."""

    kind: str
    source: str | None = None


@dataclass(frozen=True)
class DatasetKind:
    """A data set with the name of its kind; `source` is the folder of its raw data, where it has one."""

    dataset: str
    kind: str
    source: str | None

    def module(self) -> Any:
        """The module of the kind; imported now, so that no kind needs another's code."""
        return importlib.import_module(KINDS[self.kind].module)

    def params(self, stage: str) -> Section:
        """The checked parameters of `prepare` or `features`."""
        return read_section(stage_model(self.kind, stage), "datasets", self.dataset, stage)


def find_kind(dataset: str) -> DatasetKind:
    """The kind of a data set; `HcutalError` where data set or kind is unknown."""
    entry = read_section(_Entry, "datasets", dataset)
    if entry.kind not in KINDS:
        expected = ", ".join(sorted(KINDS))
        raise HcutalError(
            f"{RESOLVED}: datasets.{dataset}.kind is {entry.kind!r}; expected one of {expected}"
        )
    return DatasetKind(dataset, entry.kind, entry.source)
