"""What the tests of the effects of parameters share: the fields of a model, and values that are set by dotted key."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel


@dataclass(frozen=True)
class Change:
    """Another value of a field and what it changes; `base` are values of other fields under which it counts."""

    value: Any
    expected: Any
    base: Mapping[str, Any] = field(default_factory=dict)


def leaves(model: type[BaseModel], outer: str = "") -> Iterator[str]:
    """The fields that hold a value, those of inner models as `outer.inner`; a choice of models is a value as well."""
    for name, info in model.model_fields.items():
        inner = list(_models(info.annotation))
        if inner != [info.annotation]:
            yield outer + name
        for kind in inner:
            yield from leaves(kind, f"{outer}{name}.")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted key as a section of parameters: `{"a.b": 1}` becomes `{"a": {"b": 1}}`."""
    section: dict[str, Any] = {}
    for key, value in flat.items():
        *outer, last = key.split(".")
        inner = section
        for name in outer:
            inner = inner.setdefault(name, {})
        inner[last] = deepcopy(value)
    return section


def uncovered(
    model: type[BaseModel], changes: Mapping[str, Change], without_effect: Mapping[str, str]
) -> list[str]:
    """What a table of changes lacks, has too much, or names twice; empty where it fits the model."""
    named, fields = [*changes, *without_effect], set(leaves(model))
    return sorted({*(fields ^ set(named)), *(changes.keys() & without_effect.keys())})


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The names of the outputs that differ, or that only one of the two has."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
