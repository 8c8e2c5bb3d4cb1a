"""params.yaml written so that comments, quotes and nulls stay as they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter


class _Representer(RoundTripRepresenter):
    """One of our own: what is added to it changes no other writer."""


def round_trip() -> YAML:
    """A reader and writer that keeps what a person wrote."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.preserve_quotes = True
    yaml.width = 4096
    # Without this, every null of the file would be written as nothing.
    yaml.representer.add_representer(type(None), _write_null)
    return yaml


def in_one_line(value: Any) -> Any:
    """A list or mapping, and what it holds, as it is written in braces and brackets; other values as they are."""
    if isinstance(value, Mapping):
        mapping = CommentedMap({key: in_one_line(own) for key, own in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, Sequence) and not isinstance(value, str):
        listed = CommentedSeq(map(in_one_line, value))
        listed.fa.set_flow_style()
        return listed
    return value


def _write_null(representer: RoundTripRepresenter, _: None) -> ScalarNode:
    node: ScalarNode = representer.represent_scalar("tag:yaml.org,2002:null", "null")
    return node
