"""The values of a variant on a data set: its own, those that it borrows of a preset, and its number of clusters."""

from collections.abc import Mapping, Sequence
from typing import Any

from hcutal.errors import HcutalError
from hcutal.files import json_digest
from hcutal.params.document import EXPERIMENT_SECTIONS, Document, Experiment, resolve
from hcutal.params.merge import merge
from hcutal.suites.variants import Variant

FEWEST = 2


def variant_sections(document: Document, variant: Variant, dataset: str, preset: str) -> dict[str, Any]:
    """The overrides of the sections of an experiment, by section.

    Raises:
        HcutalError: where a preset has not what is borrowed of it, and where the data set has no number of clusters
            that the variant could have a share of.
    """
    sections: dict[str, Any] = {name: dict(values) for name, values in variant.sections.items()}
    for place in variant.borrowed:
        name, *path = place.split(".")
        _put(sections, path, _taken(document, dataset, name, path))
    if variant.clusters is not None:
        known = clusters_of(document, dataset, preset)
        # Halves go up.
        _put(sections, ["train", "video", "clusters"], max(FEWEST, int(variant.clusters * known + 0.5)))
    return sections


def clusters_of(document: Document, dataset: str, preset: str) -> int:
    """C of an experiment on a data set; `HcutalError` where it is estimated in training."""
    entry = Experiment.model_validate({"dataset": dataset, "preset": preset, "supervision": "unsupervised"})
    resolved = resolve(document.model_copy(update={"experiments": {"one": entry}}))
    clusters = resolved["experiments"]["one"]["train"]["video"]["clusters"]
    if not isinstance(clusters, int):
        raise HcutalError(
            f"params.yaml: datasets.{dataset}.train.video.clusters: found {clusters}; expected a number, of which "
            "these variants have a half to the double"
        )
    return clusters


def one_of_each_training(resolved: Mapping[str, Any], experiments: Sequence[str]) -> list[str]:
    """Of experiments that differ in no more than what follows training, the first each.

    Args:
        resolved: what `hcutal.params.document.resolve` gives.
        experiments: their names.
    """
    first: dict[str, str] = {}
    for name in experiments:
        values = resolved["experiments"][name]
        first.setdefault(json_digest([values["dataset"], values["train"]]), name)
    return list(first.values())


def _taken(document: Document, dataset: str, preset: str, path: Sequence[str]) -> Any:
    """What a preset has at `path`, on a data set that may have values of its own for it."""
    values: Any = document.presets[preset].model_dump() if preset in document.presets else {}
    own = document.datasets[dataset].presets.get(preset)
    for name, model in EXPERIMENT_SECTIONS.items() if own else ():
        values[name] = merge(values[name], getattr(own, name), model)
    for key in path:
        if not isinstance(values, Mapping) or key not in values:
            raise HcutalError(
                f"params.yaml: presets.{preset}.{'.'.join(path)}: is missing; a variant has it from there"
            )
        values = values[key]
    return values


def _put(sections: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *outer, last = path
    for key in outer:
        sections = sections.setdefault(key, {})
    sections[last] = value
