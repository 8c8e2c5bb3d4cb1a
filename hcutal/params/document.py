"""The whole of params.yaml: its sections, data sets, presets and experiments, and how they are merged."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, field_validator

from hcutal.errors import HcutalError
from hcutal.layout import (
    LABELS,
    PARAMS,
    PREVIEWS_INDEX,
    DatasetFiles,
    names_file,
    previews_dir,
    run_name,
)
from hcutal.params.checks import check_names, check_numbers, check_written
from hcutal.params.evaluate import EvaluateParams
from hcutal.params.given_labels import given_names, label_hashes, refuse_shared_names
from hcutal.params.kinds import KINDS, FeaturesParams, PrepareParams, stage_model
from hcutal.params.map import MapParams
from hcutal.params.merge import merge, section_of
from hcutal.params.plain_yaml import read_yaml
from hcutal.params.propose import ProposeParams
from hcutal.params.recordings import NO_FILMS
from hcutal.params.report import ReportParams
from hcutal.params.section import Section, param, validate
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
DATA_SECTIONS = ("prepare", "features")

Overrides = dict[str, Any]


class Preset(Section):
    """A named set of overrides of the stages that follow the features."""

    train: Overrides = param({}, "overrides of the section train")
    map: Overrides = param({}, "overrides of the section map")
    propose: Overrides = param({}, "overrides of the section propose")
    evaluate: Overrides = param({}, "overrides of the section evaluate")
    report: Overrides = param({}, "overrides of the section report")


class Dataset(Preset):
    """A data set: its kind, the folder of its raw data, and overrides (prepare, features: of its kind)."""

    kind: str = param(..., "which part of prepare and features it has, and what makes its data")
    source: str | None = param(
        None, "folder of the raw data", "Built-in kinds make their data themselves and have none."
    )
    prepare: Overrides = param({}, "overrides of the section prepare.<kind>")
    features: Overrides = param({}, "overrides of the section features.<kind>")
    presets: dict[str, Preset] = param(
        {},
        "overrides that count beside the preset of that name alone",
        "As the paper has other sizes for each of its data sets.",
    )


Seed = Annotated[int, Field(ge=0)]


class Experiment(Preset):
    """The stages from train to report on a data set, run once with each of its seeds."""

    dataset: str = param(..., "name of a data set")
    preset: str = param("default", "name of a preset")
    seeds: list[Seed] = param(
        [0],
        "seeds of all that is random in training: a run each",
        "Three or more show how far the results depend on chance.",
        min_length=1,
    )
    supervision: Literal["unsupervised", "weak", "mapped"] = param(
        ...,
        "what training may know of labels",
        "unsupervised: nothing. weak: video-level labels. mapped: names of clusters, as in § 4.",
    )

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, seeds: list[int]) -> list[int]:
        if len(set(seeds)) != len(seeds):
            raise ValueError("expected each seed once")
        return seeds


class Document(Section):
    """params.yaml: one section a stage, then the data sets, presets and experiments."""

    prepare: Section = param(PrepareParams(), "one section a kind of data set")
    features: Section = param(FeaturesParams(), "one section a kind of data set")
    train: TrainParams = param(
        TrainParams(), "from features to a model and pseudo-labels", source="§ 3.1, 3.2"
    )
    map: MapParams = param(
        MapParams(), "names of clusters, and how well they agree with labels", source="§ 3.2.1"
    )
    propose: ProposeParams = param(ProposeParams(), "from the model to scored segments", source="§ 3.3")
    evaluate: EvaluateParams = param(EvaluateParams(), "how good they are", source="§ 4.2.1")
    report: ReportParams = param(ReportParams(), "the page")
    datasets: dict[str, Dataset] = param(..., "by name")
    presets: dict[str, Preset] = param(..., "by name")
    experiments: dict[str, Experiment] = param(..., "by name")


class Layer(NamedTuple):
    """Values by section, and what they are of: a preset, a data set, an experiment."""

    name: str
    values: Preset


GROUPS: dict[str, type[Section]] = {"datasets": Dataset, "presets": Preset, "experiments": Experiment}


def load(path: str | Path = PARAMS) -> Document:
    """Read and check params.yaml; `HcutalError` names the key, what was found and what was expected."""
    values = read_yaml(path)
    if not isinstance(values, dict):
        raise HcutalError(f"{path}: found {values!r}; expected sections such as train and experiments")
    for key in values:
        _known(Document.model_fields, key, f"{path}: top level")
    for group in GROUPS:
        check_names(values.get(group), f"{path}: {group}")
    for key, value in values.items():
        check_numbers(value, f"{path}: {key}")
    _check_sections(values, f"{path}: ")
    for group in GROUPS:
        for name, entry in values[group].items():
            _check_sections(entry, f"{path}: {group}.{name}.")
            for preset, inner in _presets_in(entry):
                _check_sections(inner, f"{path}: {group}.{name}.presets.{preset}.")
    _refuse_one_seed(values["experiments"], path)
    _refuse_data_overrides(values["experiments"], path)
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
    """The values that reach each stage: section <- preset <- data set <- both <- experiment, merged by key.

    Both: what a data set has for that preset alone (`datasets.<name>.presets`).

    What people say of the recordings is put in from the folder `labels` (default: labels/), so that an edit
    there reaches the stages that use it and no other.

    Returns `{"datasets": {name: {kind, source, prepare, features}}, "experiments": {name: {dataset, preset, seeds,
    train, map, propose, evaluate, report}}, "runs": {experiment: {seed: {dataset, preset, train, ...}}}}`; the runs
    have their seed in `train`, and the names of their clusters in `map`. `path` is what errors call the file. Raises
    `HcutalError`.
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
    for values in experiments.values():
        values["report"]["previews"] = _has_previews(datasets[values["dataset"]])
    folder = LABELS if labels is None else Path(labels)
    for dataset in datasets.values():
        dataset["prepare"] |= label_hashes(dataset["prepare"], folder)
    runs = {name: _runs_of(name, values, folder) for name, values in experiments.items()}
    return {"datasets": datasets, "experiments": experiments, "runs": runs}


def _runs_of(experiment: str, values: Mapping[str, Any], labels: Path) -> dict[str, Any]:
    """The values of each run of an experiment, by its seed."""
    shared = {key: value for key, value in values.items() if key != "seeds"}
    refuse_shared_names(labels / names_file(experiment).name, experiment, values["seeds"])
    return {
        str(seed): {
            **shared,
            "train": {**shared["train"], "seed": seed},
            "map": shared["map"] | given_names(labels / names_file(run_name(experiment, seed)).name),
        }
        for seed in values["seeds"]
    }


def runs_of(document: Document) -> dict[str, dict[str, Any]]:
    """The runs by name, with what tells them apart for the graph of stages: experiment, seed, dataset, supervision.

    With the list of previews that the page is made with; where there is none, another file that it can depend on.
    """
    films = films_of(document)
    return {
        run_name(name, seed): {
            "experiment": name,
            "seed": seed,
            "dataset": experiment.dataset,
            "supervision": experiment.supervision,
            "previews": str(
                previews_dir(experiment.dataset) / PREVIEWS_INDEX
                if experiment.dataset in films
                else DatasetFiles.of(experiment.dataset).videos
            ),
        }
        for name, experiment in document.experiments.items()
        for seed in experiment.seeds
    }


def films_of(document: Document) -> dict[str, dict[str, Any]]:
    """The data sets of films that previews are made of, by name, with their kind."""
    return {
        name: {"kind": dataset.kind}
        for name, dataset in document.datasets.items()
        if KINDS[dataset.kind].params.extracts
        and _has_previews(_resolve_dataset(document, dataset, f"{PARAMS}: datasets.{name}"))
    }


def graph_of(document: Document) -> dict[str, Any]:
    """What the graph of stages is made from: the content of runs.json."""
    return {"runs": runs_of(document), "films": films_of(document)}


def _has_previews(dataset: Mapping[str, Any]) -> bool:
    """Whether a resolved data set may have films, and asks for previews of them."""
    is_asked = KINDS[dataset["kind"]].params.extracts and dataset["prepare"].get("previews") is not None
    return is_asked and dataset["features"]["extractor"] not in NO_FILMS


def _resolve_dataset(document: Document, dataset: Dataset, where: str) -> dict[str, Any]:
    kind = _known(KINDS, dataset.kind, f"{where}.kind")
    _check_source(dataset, where)
    _merge_sections(document, [dataset], where)
    for name, own in dataset.presets.items():
        _known(document.presets, name, f"{where}.presets")
        _merge_sections(document, [document.presets[name], dataset, own], f"{where}.presets.{name}")
    resolved: dict[str, Any] = {"kind": kind, "source": dataset.source}
    for name in DATA_SECTIONS:
        section: Section = getattr(getattr(document, name), kind)
        model = stage_model(kind, name)
        values = merge(section.model_dump(mode="json"), getattr(dataset, name), model)
        resolved[name] = validate(model, values, f"{where}.{name}").model_dump(mode="json")
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
    sections = _merge_sections(document, [layer.values for layer in layers(document, experiment)], where)
    # It is the seed of a run, which is put in there.
    del sections["train"]["seed"]
    # Whoever brings recordings wants to see what was found in each of them.
    sections["propose"]["training"] = KINDS[document.datasets[experiment.dataset].kind].params.extracts
    about = {"dataset": experiment.dataset, "preset": experiment.preset, "seeds": experiment.seeds}
    return {**about, **sections}


def layers(document: Document, experiment: Experiment) -> list[Layer]:
    """What is laid on the sections for an experiment, the strongest last."""
    train = {**experiment.train, "supervision": experiment.supervision}
    own = experiment.model_copy(update={"train": train})
    dataset = document.datasets[experiment.dataset]
    of_both = dataset.presets.get(experiment.preset)
    return [
        Layer(f"preset {experiment.preset}", document.presets[experiment.preset]),
        Layer(f"data set {experiment.dataset}", dataset),
        *([Layer(f"data set {experiment.dataset}, preset {experiment.preset}", of_both)] if of_both else []),
        Layer("experiment", own),
    ]


def _merge_sections(document: Document, layers: Iterable[Preset], where: str) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for name, model in EXPERIMENT_SECTIONS.items():
        values = getattr(document, name).model_dump(mode="json")
        for layer in layers:
            values = merge(values, getattr(layer, name), model)
        merged[name] = validate(model, values, f"{where}.{name}").model_dump(mode="json")
    return merged


def _known(existing: Iterable[str], name: str, where: str) -> str:
    names = sorted(existing)
    if name not in names:
        raise HcutalError(f"{where}: found {name!r}; expected one of {', '.join(names)}")
    return name


def _check_sections(entry: Any, where: str) -> None:
    """What the sections of an entry, or those of the document itself, may not say."""
    for name in SECTIONS:
        if not isinstance(entry, Mapping) or name not in entry:
            continue
        model = SECTIONS[name]
        if isinstance(entry.get("kind"), str) and name in DATA_SECTIONS:
            model = section_of(model, entry["kind"])
        check_written(model, entry[name], f"{where}{name}", name)


def _presets_in(entry: Any) -> Iterable[tuple[str, Any]]:
    presets = entry.get("presets") if isinstance(entry, Mapping) else None
    return presets.items() if isinstance(presets, Mapping) else ()


def _refuse_one_seed(experiments: Mapping[str, Any], path: str | Path) -> None:
    for name, entry in experiments.items():
        if isinstance(entry, dict) and "seed" in entry:
            raise HcutalError(
                f"{path}: experiments.{name}.seed: is now seeds: [{entry['seed']}], one or more"
            )


def _refuse_data_overrides(experiments: Mapping[str, Any], path: str | Path) -> None:
    for name, entry in experiments.items():
        for section in DATA_SECTIONS:
            if isinstance(entry, dict) and section in entry:
                raise HcutalError(
                    f"{path}: experiments.{name}.{section}: an experiment cannot change its data; make an "
                    f"entry under datasets with this {section}, and name it in experiments.{name}.dataset"
                )
