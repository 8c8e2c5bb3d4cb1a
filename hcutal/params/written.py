"""The comments of params.yaml, which come from the descriptions of the parameters."""

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

from hcutal.params.describe import words
from hcutal.params.document import SECTIONS, Document
from hcutal.params.merge import section_of
from hcutal.params.section import Section


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
