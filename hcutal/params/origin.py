"""Where the value of a parameter comes from, for each experiment."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hcutal.params.allowed import flow
from hcutal.params.document import DATA_SECTIONS, Document, layers
from hcutal.params.section import Section


class Origin(NamedTuple):
    """A value as it is written, what it is for (an experiment or a data set), and the layer that it comes from."""

    of: str
    value: str
    layer: str


def find_origins(
    key: str, document: Document, resolved: Mapping[str, Any], experiment: str | None = None
) -> list[Origin]:
    """The origins of a key such as `train.steps`, for `experiment` alone or for all.

    Keys of `prepare` and `features` have values in the data sets of their kind. `resolved` are the merged values.
    """
    section, *path = key.split(".")
    chosen = [experiment] if experiment else list(document.experiments)
    if section not in DATA_SECTIONS:
        return [_of_experiment(name, section, path, document, resolved) for name in chosen]
    datasets = [document.experiments[name].dataset for name in chosen] if experiment else document.datasets
    return [
        _of_dataset(name, section, path, document, resolved)
        for name in datasets
        if path and document.datasets[name].kind == path[0]
    ]


def _of_experiment(
    name: str, section: str, path: Sequence[str], document: Document, resolved: Mapping[str, Any]
) -> Origin:
    if [section, *path] == ["train", "seed"]:
        # Each run has another one.
        return Origin(name, ", ".join(map(str, document.experiments[name].seeds)), "experiment, seeds")
    above = [
        (layer.name, getattr(layer.values, section)) for layer in layers(document, document.experiments[name])
    ]
    values = resolved["experiments"][name][section]
    return _origin(name, values, path, [(f"section {section}", _written(getattr(document, section))), *above])


def _of_dataset(
    name: str, section: str, path: Sequence[str], document: Document, resolved: Mapping[str, Any]
) -> Origin:
    kind, *rest = path
    of = f"data set {name}"
    base = _written(getattr(getattr(document, section), kind))
    above = [(f"section {section}.{kind}", base), (of, getattr(document.datasets[name], section))]
    return _origin(of, resolved["datasets"][name][section], rest, above)


def _origin(of: str, values: Any, path: Sequence[str], layers: Sequence[tuple[str, Any]]) -> Origin:
    """The value at `path` and the strongest layer that says something of it."""
    for depth, key in enumerate(path):
        if not isinstance(values, Mapping) or key not in values:
            return Origin(of, "not in use", f"{'.'.join(path[:depth])} is {flow(values)}")
        values = values[key]
    said = [name for name, written in layers if _says(written, path)]
    return Origin(of, flow(values), said[-1] if said else "default")


def _written(section: Section) -> dict[str, Any]:
    """What params.yaml itself says in a section."""
    return section.model_dump(mode="json", exclude_unset=True)


def _says(values: Any, path: Sequence[str]) -> bool:
    for key in path:
        if not isinstance(values, Mapping):
            return True
        if key not in values:
            return False
        values = values[key]
    return True
