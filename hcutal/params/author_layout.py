"""params.yaml in the layout of its author, after DVC has set a value in it.

`dvc exp run -S` writes the whole file anew: lists over several lines, nothing for null, long mappings broken.
"""

import io
import re
from collections.abc import MutableMapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hcutal.params.author_yaml import in_one_line, round_trip
from hcutal.params.plain_yaml import parse_yaml

COMMENT = re.compile(r"(?:^|\s)#\s*(.*\S)")


def in_layout_of(before: str, now: str) -> str:
    """The values of the text `now` in the layout and with the comments of `before`, where DVC wrote `now`.

    now: valid YAML, a mapping. It stays as it is where a person wrote it, or a comment in it.
    """
    if not _is_of_dvc(now) or not _comments(now) <= _comments(before):
        return now
    yaml = round_trip()
    try:
        document = yaml.load(before)
    except YAMLError:
        return now
    if not isinstance(document, MutableMapping):
        return now
    _set(document, parse_yaml(now, "params.yaml"))
    return _written(yaml, document)


def _set(target: MutableMapping[str, Any], values: MutableMapping[str, Any]) -> None:
    """Make the values of a document those that are given; what is the same is left untouched."""
    for key in [key for key in target if key not in values]:
        del target[key]
    for key, value in values.items():
        own = target.get(key)
        if isinstance(own, MutableMapping) and isinstance(value, MutableMapping):
            _set(own, value)
        elif key not in target or own != value:
            target[key] = in_one_line(value)


def _is_of_dvc(text: str) -> bool:
    """Whether the text is as DVC writes YAML: it comes out the same when it is written so."""
    yaml = YAML()
    yaml.default_flow_style = False
    return _written(yaml, yaml.load(text)) == text


def _comments(text: str) -> set[str]:
    return set(COMMENT.findall(text))


def _written(yaml: YAML, document: Any) -> str:
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()
