"""How overrides are laid on values, key by key."""

from collections.abc import Mapping
from typing import Any

from hcutal.params.section import OneOf, Section, sections_in


def merge(base: Mapping[str, Any], overrides: Mapping[str, Any], model: type[Section]) -> dict[str, Any]:
    """`base` with `overrides` put in by key, at every depth; lists and single values are replaced.

    Of a choice, another form takes the place of the one before; `model` says what is a choice.
    """
    kept = dict(base)
    if issubclass(model, OneOf) and overrides:
        kept = {key: value for key, value in base.items() if key in overrides}
    for key, value in overrides.items():
        both = isinstance(value, Mapping) and isinstance(kept.get(key), Mapping)
        kept[key] = merge(kept[key], value, section_of(model, key)) if both else value
    return kept


def section_of(model: type[Section], key: str) -> type[Section]:
    """The section that the field `key` of `model` may hold; a bare one where it holds plain values."""
    field = model.model_fields.get(key)
    inner = sections_in(field.annotation) if field else []
    return inner[0] if inner else Section
