"""What is written into params.yaml from the descriptions of the parameters: missing values, and the comments."""

import io
from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode

from hcutal.params.describe import words
from hcutal.params.document import SECTIONS, Document
from hcutal.params.merge import section_of
from hcutal.params.section import OneOf, Section, sections_in


def with_values(text: str) -> str:
    """A params.yaml whose sections also hold, as its default, each value that they lacked.

    Sections that are absent or written in braces stay as they are.
    """
    lines = text.splitlines(keepends=True)
    document = YAML(typ="safe", pure=True).compose(text)
    added = []
    if isinstance(document, MappingNode):
        for key, value in document.value:
            if key.value in SECTIONS:
                added += list(_missing(SECTIONS[key.value], value))
    # From the end on, so that the places before stay right.
    for place, new in reversed(added):
        if place and not lines[place - 1].endswith("\n"):
            lines[place - 1] += "\n"
        lines[place:place] = new
    return "".join(lines)


def _missing(model: type[Section], node: Node) -> Iterator[tuple[int, list[str]]]:
    """What a block lacks: before which line it belongs, behind the field before it, and its own lines."""
    if not isinstance(node, MappingNode) or node.flow_style or issubclass(model, OneOf):
        return
    written = {key.value: value for key, value in node.value}
    place, indent = node.start_mark.line, node.start_mark.column
    for name, field in model.model_fields.items():
        if name in written:
            yield from _missing(section_of(model, name), written[name])
            place = _end(written[name])
        elif not words(field).filled:
            yield place, list(_lines(name, field, field.get_default(call_default_factory=True), indent))


def _end(node: Node) -> int:
    """The line after the last one of a value; comments and empty lines below a block are no part of it."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    return int(node.end_mark.line) + 1


def _lines(name: str, field: FieldInfo, value: Any, indent: int) -> Iterator[str]:
    """A value as it is written: sections as blocks, all else in the line of its key."""
    fields = type(value).model_fields if isinstance(value, Section) and not isinstance(value, OneOf) else {}
    if fields and sections_in(field.annotation):
        yield f"{' ' * indent}{name}:\n"
        for key, inner in fields.items():
            if not words(inner).filled:
                yield from _lines(key, inner, getattr(value, key), indent + 2)
        return
    plain = value.model_dump(mode="json") if isinstance(value, Section) else value
    yaml, text = YAML(typ="safe", pure=True), io.StringIO()
    yaml.default_flow_style, yaml.width = True, 1000
    yaml.dump({name: plain}, text)
    yield f"{' ' * indent}{text.getvalue().strip()[1:-1]}\n"


def with_comments(text: str) -> str:
    """A params.yaml whose sections have, behind each key, the comment that belongs to it.

    Values, comments on lines of their own, and all of data sets, presets and experiments stay as they are.
    """
    lines = text.splitlines(keepends=True)
    document = YAML(typ="safe", pure=True).compose(text)
    if isinstance(document, MappingNode):
        for key, value in document.value:
            if key.value in SECTIONS:
                _comment(Document, key, value, lines, SECTIONS[key.value])
    return "".join(lines)


def _comment(
    model: type[Section], key: Node, value: Node, lines: list[str], inner: type[Section] | None = None
) -> None:
    """Put the comment of the field `key` of `model` behind it, and go on with what it holds."""
    field = model.model_fields.get(key.value)
    if field is None:
        return
    is_block = isinstance(value, CollectionNode) and not value.flow_style
    # Of a block, and of a null that is written as nothing, there is the colon alone in this line.
    is_open = is_block or value.start_mark.index == value.end_mark.index
    place = key.end_mark if is_open else value.end_mark
    if place.line == key.start_mark.line:
        head = lines[place.line][: place.column + is_open].rstrip()
        lines[place.line] = f"{head} # {words(field).comment}\n"
    if is_block and isinstance(value, MappingNode):
        for name, part in value.value:
            _comment(inner or section_of(model, key.value), name, part, lines)
