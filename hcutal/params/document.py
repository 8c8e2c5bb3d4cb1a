"""The whole of params.yaml: its sections, data sets, presets and experiments, and how they are merged."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from hcutal.errors import HcutalError
from hcutal.layout import LABELS, PARAMS, rule_name
from hcutal.params.evaluate import EvaluateParams
from hcutal.params.given_labels import annotations_hash, given_names
from hcutal.params.kinds import KINDS, FeaturesParams, PrepareParams, stage_model
from hcutal.params.map import MapParams
from hcutal.params.propose import ProposeParams
from hcutal.params.report import ReportParams
from hcutal.params.section import Section, read_yaml, validate
from hcutal.params.train import TrainParams

EXPERIMENT_SECTIONS: dict[str, type[Section]] = {
    "train": TrainParams,
    "map": MapParams,
    "propose": ProposeParams,
    "evaluate": EvaluateParams,
    "report": ReportParams,
}
SECTIONS: dict[str, type[Section]] = {
    "prepare": PrepareParams,
    "features": FeaturesParams,
    **EXPERIMENT_SECTIONS,
}
# Parameters of the train stage that stand in the experiment itself.
INJECTED = ("seed", "supervision")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")

Overrides = dict[str, Any]


class Preset(Section):
    """A named set of overrides of the stages that follow the features."""

    train: Overrides = Field({})
    map: Overrides = Field({})
    propose: Overrides = Field({})
    evaluate: Overrides = Field({})
    report: Overrides = Field({})


class Dataset(Preset):
    """A data set: its kind, the folder of its raw data, and overrides (prepare, features: of its kind).

    `source` is for the kinds that need a folder; built-in kinds make their data themselves.
    """

    kind: str
    source: str | None = None
    prepare: Overrides = Field({})
    features: Overrides = Field({})


class Experiment(Preset):
    """One run of the stages from train to report on a data set."""

    dataset: str
    preset: str = "default"
    seed: int = Field(default=0, ge=0)
    supervision: Literal["unsupervised", "weak", "mapped"]


class Document(Section):
    """params.yaml: one section a stage, then the data sets, presets and experiments."""

    prepare: Section = PrepareParams()
    features: Section = FeaturesParams()
    train: TrainParams = TrainParams()
    map: MapParams = MapParams()
    propose: ProposeParams = ProposeParams()
    evaluate: EvaluateParams = EvaluateParams()
    report: ReportParams = ReportParams()
    datasets: dict[str, Dataset]
    presets: dict[str, Preset]
    experiments: dict[str, Experiment]


GROUPS: dict[str, type[Section]] = {"datasets": Dataset, "presets": Preset, "experiments": Experiment}


def load(path: str | Path = PARAMS) -> Document:
    """Read and check params.yaml; `HcutalError` names the key, what was found and what was expected."""
    values = read_yaml(path)
    if not isinstance(values, dict):
        raise HcutalError(f"{path}: found {values!r}; expected sections such as train and experiments")
    for key in values:
        _known(Document.model_fields, key, f"{path}: top level")
    for group in GROUPS:
        _check_names(values.get(group), f"{path}: {group}")
    _refuse_data_overrides(values["experiments"], path)
    _refuse_injected(values.get("train"), f"{path}: train")
    for group in GROUPS:
        for name, entry in values[group].items():
            train = entry.get("train") if isinstance(entry, dict) else None
            _refuse_injected(train, f"{path}: {group}.{name}.train")
    parts: dict[str, Any] = {
        name: validate(model, values.get(name), f"{path}: {name}") for name, model in SECTIONS.items()
    }
    for group, entry_model in GROUPS.items():
        entries = values[group].items()
        parts[group] = {
            name: validate(entry_model, entry, f"{path}: {group}.{name}") for name, entry in entries
        }
    return Document(**parts)


def resolve(
    document: Document, path: str | Path = PARAMS, labels: str | Path | None = None
) -> dict[str, Any]:
    """The values that reach each stage: section <- preset <- data set <- experiment, merged by key.

    What people say of the recordings is put in from the folder `labels` (default: labels/), so that an edit
    there reaches the stages that use it and no other.

    Returns `{"datasets": {name: {kind, source, prepare, features}}, "experiments": {name: {dataset, preset,
    train, map, propose, evaluate, report}}}`. `path` is what errors call the file. Raises `HcutalError`.
    """
    for name, preset in document.presets.items():
        _merge_sections(document, [preset], f"{path}: presets.{name}")
    datasets = {
        name: _resolve_dataset(document, dataset, f"{path}: datasets.{name}")
        for name, dataset in document.datasets.items()
    }
    experiments = {
        name: _resolve_experiment(document, experiment, f"{path}: experiments.{name}")
        for name, experiment in document.experiments.items()
    }
    folder = LABELS if labels is None else Path(labels)
    for dataset in datasets.values():
        dataset["prepare"] |= annotations_hash(dataset["prepare"], folder)
    for name, values in experiments.items():
        values["map"] |= given_names(folder / f"{name}.csv")
    return {"datasets": datasets, "experiments": experiments}


def merge(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `overrides` put in by key, at every depth; lists and single values are replaced."""
    merged = dict(base)
    for key, value in overrides.items():
        nested = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if nested else value
    return merged


def _resolve_dataset(document: Document, dataset: Dataset, where: str) -> dict[str, Any]:
    kind = _known(KINDS, dataset.kind, f"{where}.kind")
    _check_source(dataset, where)
    _merge_sections(document, [dataset], where)
    resolved: dict[str, Any] = {"kind": kind, "source": dataset.source}
    for name in ("prepare", "features"):
        section: Section = getattr(getattr(document, name), kind)
        values = merge(section.model_dump(mode="json"), getattr(dataset, name))
        resolved[name] = validate(stage_model(kind, name), values, f"{where}.{name}").model_dump(mode="json")
    return resolved


def _check_source(dataset: Dataset, where: str) -> None:
    needed = KINDS[dataset.kind].params.has_source
    if needed and not dataset.source:
        raise HcutalError(
            f"{where}.source: is missing; expected the folder of the raw data of kind {dataset.kind}"
        )
    if dataset.source is not None and not needed:
        raise HcutalError(
            f"{where}.source: found {dataset.source!r}; kind {dataset.kind} makes its data itself: leave it out"
        )


def _resolve_experiment(document: Document, experiment: Experiment, where: str) -> dict[str, Any]:
    _known(document.presets, experiment.preset, f"{where}.preset")
    _known(document.datasets, experiment.dataset, f"{where}.dataset")
    injected = {key: getattr(experiment, key) for key in INJECTED}
    own = experiment.model_copy(update={"train": {**experiment.train, **injected}})
    layers = [document.presets[experiment.preset], document.datasets[experiment.dataset], own]
    sections = _merge_sections(document, layers, where)
    return {"dataset": experiment.dataset, "preset": experiment.preset, **sections}


def _merge_sections(document: Document, layers: Iterable[Preset], where: str) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for name, model in EXPERIMENT_SECTIONS.items():
        values = getattr(document, name).model_dump(mode="json")
        for layer in layers:
            values = merge(values, getattr(layer, name))
        merged[name] = validate(model, values, f"{where}.{name}").model_dump(mode="json")
    return merged


def _known(existing: Iterable[str], name: str, where: str) -> str:
    names = sorted(existing)
    if name not in names:
        raise HcutalError(f"{where}: found {name!r}; expected one of {', '.join(names)}")
    return name


def _check_names(group: Any, where: str) -> None:
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


def _refuse_data_overrides(experiments: Mapping[str, Any], path: str | Path) -> None:
    for name, entry in experiments.items():
        for section in ("prepare", "features"):
            if isinstance(entry, dict) and section in entry:
                raise HcutalError(
                    f"{path}: experiments.{name}.{section}: an experiment cannot change its data; make an "
                    f"entry under datasets with this {section}, and name it in experiments.{name}.dataset"
                )


def _refuse_injected(train: Any, where: str) -> None:
    for key in INJECTED:
        if isinstance(train, dict) and key in train:
            raise HcutalError(f"{where}.{key}: is set by each experiment; set experiments.<name>.{key}")
