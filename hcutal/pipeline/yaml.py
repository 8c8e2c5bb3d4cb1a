"""params.yaml written so that comments, quotes and nulls stay as they are."""

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter


def round_trip() -> YAML:
    """A reader and writer that keeps what a person wrote."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    # Without this, every null of the file would be written as nothing.
    yaml.representer.add_representer(type(None), _write_null)
    return yaml


def _write_null(representer: RoundTripRepresenter, _: None) -> ScalarNode:
    node: ScalarNode = representer.represent_scalar("tag:yaml.org,2002:null", "null")
    return node
