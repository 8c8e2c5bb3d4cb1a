"""What a parameter does and where its value comes from: `hcutal params --explain KEY`."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hcutal.errors import HcutalError
from hcutal.params.allowed import allowed, flow
from hcutal.params.describe import all_fields, words
from hcutal.params.document import SECTIONS, Document
from hcutal.params.moved import GONE
from hcutal.params.origin import find_origins
from hcutal.params.section import Section, sections_in

WIDTH = 100
# Near keys that are named.
SHOWN = 6


def explain(key: str, document: Document, resolved: Mapping[str, Any], experiment: str | None = None) -> str:
    """Words, limits and default of a parameter, and its value in each experiment (or in `experiment` alone).

    Of a section also its keys. `resolved` are the merged values of `document`. Raises `HcutalError` for a key that is
    unknown, naming near ones.
    """
    field = find_field(key)
    said = words(field)
    facts = {"unit": said.unit, "source": said.source}
    if key not in SECTIONS and not said.filled:
        facts |= {"allowed": allowed(field), "default": _default(field)}
    more = f"{said.more} It {said.filled}." if said.filled else said.more
    parts = [
        f"{key}: {said.short}\n{textwrap.fill(more.strip(), WIDTH)}".rstrip(),
        _table(row for row in facts.items() if row[1]),
        *(_table(_keys(section)) for section in _sections(key, field)),
    ]
    if key not in SECTIONS:
        parts.append(_table(find_origins(key, document, resolved, experiment)))
    return "\n\n".join(part for part in parts if part)


def find_field(key: str) -> FieldInfo:
    """The field of a key such as `train.video.neighbours`; `HcutalError` names near keys where there is none."""
    fields = {name: Document.model_fields[name] for name in SECTIONS}
    for section, model in SECTIONS.items():
        fields |= dict(all_fields(model, f"{section}."))
    if key in fields:
        return fields[key]
    if key in GONE:
        raise HcutalError(f"{key}: {GONE[key]}")
    raise HcutalError(f"no parameter {key!r}; near are {', '.join(_near(key, fields) or SECTIONS)}")


def _near(key: str, known: Iterable[str]) -> list[str]:
    """Known keys that end like `key`, and those that look like it as a whole."""
    ends: dict[str, list[str]] = {}
    for name in known:
        ends.setdefault(name.rpartition(".")[2], []).append(name)
    alike = [name for end in get_close_matches(key.rpartition(".")[2], ends) for name in ends[end]]
    return list(dict.fromkeys([*get_close_matches(key, known, 3), *alike]))[:SHOWN]


def _sections(key: str, field: FieldInfo) -> list[type[Section]]:
    return [SECTIONS[key]] if key in SECTIONS else sections_in(field.annotation)


def _keys(section: type[Section]) -> Iterable[tuple[str, str]]:
    return ((name, words(field).short) for name, field in section.model_fields.items())


def _default(field: FieldInfo) -> str:
    """Nothing for a field that must be written, and for a form that is one of several."""
    if field.is_required():
        return ""
    value = field.default
    return flow(value.model_dump(mode="json") if isinstance(value, BaseModel) else value)


def _table(rows: Iterable[Sequence[str]]) -> str:
    """Rows in columns of equal width."""
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join(f"  {line}".rstrip() for line in padded)
