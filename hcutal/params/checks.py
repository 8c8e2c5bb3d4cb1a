"""What params.yaml may not say, found before its values are checked one by one."""

import math
import re
from collections.abc import Mapping
from typing import Any

from hcutal.errors import HcutalError
from hcutal.layout import rule_name
from hcutal.params.merge import section_of
from hcutal.params.moved import moved
from hcutal.params.section import Section

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
# What JSON, and whatever reads resolved.json, can hold.
LARGEST = 2**63 - 1


def check_numbers(values: Any, where: str) -> None:
    """Raise `HcutalError` for a number that is not finite or does not fit into 64 bits, at any depth."""
    inner: Any = ()
    if isinstance(values, Mapping):
        inner = [(f"{where}.{key}", value) for key, value in values.items()]
    elif isinstance(values, list):
        inner = [(f"{where}.{place}", value) for place, value in enumerate(values)]
    for key, value in inner:
        check_numbers(value, key)
    if isinstance(values, float) and not math.isfinite(values):
        raise HcutalError(f"{where}: found {values}; expected a finite number")
    if isinstance(values, int) and not -LARGEST - 1 <= values <= LARGEST:
        raise HcutalError(f"{where}: found {values}; expected a whole number of at most 64 bits")


def check_names(group: Any, where: str) -> None:
    """Raise `HcutalError` where data sets, presets or experiments are none, or have names that cannot be."""
    if not isinstance(group, dict) or not group:
        raise HcutalError(f"{where}: found {group!r}; expected at least one name with its entry")
    rules: dict[str, str] = {}
    for name in group:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise HcutalError(
                f"{where}: found the name {name!r}; expected lower-case letters, digits, _ and -"
            )
        twin = rules.setdefault(rule_name(name), name)
        if twin != name:
            raise HcutalError(f"{where}: the names {twin!r} and {name!r} differ in - and _ only; rename one")


def check_written(model: type[Section], values: Any, where: str, key: str) -> None:
    """Raise `HcutalError` for keys that are called otherwise now, and for those that nobody may write.

    `where` is what errors call the place, `key` what stands there, e.g. `train.video`.
    """
    if not isinstance(values, Mapping):
        return
    for name, value in values.items():
        hint = moved(f"{key}.{name}", value) or filled(model, name)
        if hint:
            raise HcutalError(f"{where}.{name}: {hint}")
        check_written(section_of(model, name), value, f"{where}.{name}", f"{key}.{name}")


def filled(model: type[Section], name: str) -> str:
    """Where a field's value comes from, if nobody may write it; else nothing."""
    field = model.model_fields.get(name)
    extra = field.json_schema_extra if field else None
    return str(extra.get("filled", "")) if isinstance(extra, dict) else ""
