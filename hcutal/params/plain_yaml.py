"""YAML as plain Python values; whatever is wrong with it is one error that names the place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from hcutal.errors import HcutalError

# By so many values a text may grow through aliases.
MOST_ALIASED = 10_000


def read_yaml(path: str | Path) -> Any:
    """The values of a file; `HcutalError` names it when it is missing or malformed, see `parse_yaml`."""
    try:
        return parse_yaml(Path(path).read_bytes(), str(path))
    except FileNotFoundError:
        raise HcutalError(f"{path}: no such file") from None
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from error


def parse_yaml(text: str | bytes, where: str) -> Any:
    """The values of a text; `where` is what errors call it.

    Raises:
        HcutalError: when it is malformed, nested too deep, or has an alias that stands inside of what it repeats
            or makes the values grow by more than `MOST_ALIASED`.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
        _check_aliases(node, where)
        return None if node is None else yaml.constructor.construct_document(node)
    except HcutalError:
        raise
    except RecursionError:
        raise HcutalError(f"{where}: is nested too deep; expected a handful of levels") from None
    # A tag such as !!float makes its value by Python's own functions, with their errors.
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise HcutalError(f"{where}: not valid YAML: {error}") from error


def _check_aliases(document: Node | None, where: str) -> None:
    """Count the values with all aliases written out, each node looked at once."""
    if document is None:
        return
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: Node) -> int:
        if id(node) in open_nodes:
            raise HcutalError(
                f"{where}: line {node.start_mark.line + 1}: the anchor {node.anchor!r} is used inside of itself; "
                "expected an alias behind the value that it repeats"
            )
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(size(part) for part in _parts(node))
            open_nodes.remove(id(node))
        return sizes[id(node)]

    total = size(document)
    if total - len(sizes) > MOST_ALIASED:
        raise HcutalError(
            f"{where}: its aliases stand for {total - len(sizes)} values; expected at most {MOST_ALIASED}"
        )


def _parts(node: Node) -> Iterator[Node]:
    if isinstance(node, ScalarNode):
        return
    for part in node.value:
        yield from part if isinstance(node, MappingNode) else (part,)
