"""The experiments of suites: those that params.yaml has already, and those that are written into it."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.layout import PARAMS
from hcutal.params.author_yaml import in_one_line, round_trip
from hcutal.params.document import Document, Experiment, load, resolve
from hcutal.pipeline.suite_runs.suite_values import variant_sections
from hcutal.suites.checkpoint_rules import STATES
from hcutal.suites.suites import suites_of, variants_of
from hcutal.suites.variants import VARIANTS

DEFAULT = "default"
# Of the section train.
CHECKPOINTS = "checkpoints"


def experiments_of(
    document: Document,
    suites: Sequence[str],
    dataset: str,
    preset: str,
    seeds: Sequence[int],
    kept: Collection[str] = (),
) -> dict[str, tuple[str, Experiment]]:
    """The name and the values of the experiment of each variant of some suites.

    An experiment of params.yaml that differs in no more than its seeds, and in how many states it keeps, is taken,
    whatever it is called; it keeps its seeds beside those that are asked for. Those of the variants `kept` keep states.

    Raises:
        HcutalError: for a data set, preset or suite that there is not, and where another experiment has the name.
    """
    for kind, name, known in (
        ("data set", dataset, document.datasets),
        ("preset", preset, document.presets),
    ):
        if name not in known:
            raise HcutalError(f"no {kind} {name!r} in params.yaml; there is {', '.join(known)}")
    found = {}
    for variant in variants_of(suites_of(suites)):
        about = VARIANTS[variant]
        wanted = Experiment.model_validate(
            {
                "dataset": dataset,
                "preset": preset,
                "seeds": list(seeds),
                "supervision": about.supervision,
                **variant_sections(document, about, dataset, preset),
            }
        )
        if variant in kept:
            wanted = keeping(wanted)
        name = "-".join([dataset, *([] if preset == DEFAULT else [preset]), variant])
        found[variant] = _known(document, wanted) or (name, wanted)
        taken = document.experiments.get(found[variant][0])
        if taken and not _is_same(taken, wanted):
            raise HcutalError(
                f"params.yaml: experiments.{name} is not {about.about} on {dataset}, preset {preset}; rename it"
            )
    return found


def _known(document: Document, wanted: Experiment) -> tuple[str, Experiment] | None:
    for name, experiment in document.experiments.items():
        if _is_same(experiment, wanted):
            seeds = list(dict.fromkeys([*experiment.seeds, *wanted.seeds]))
            found = experiment.model_copy(update={"seeds": seeds})
            return name, keeping(found) if wanted.train.get(CHECKPOINTS) else found
    return None


def keeping(experiment: Experiment) -> Experiment:
    """The experiment with states kept to choose from; as many as it has already, if it does."""
    states = experiment.train.get(CHECKPOINTS) or STATES
    return experiment.model_copy(update={"train": {**experiment.train, CHECKPOINTS: states}})


def _is_same(one: Experiment, other: Experiment) -> bool:
    """Whether two experiments give the same results: states that are kept change none."""
    first, second = (
        each.model_copy(
            update={"seeds": [], "train": {k: v for k, v in each.train.items() if k != CHECKPOINTS}}
        )
        for each in (one, other)
    )
    return first == second


def write_experiments(found: Mapping[str, tuple[str, Experiment]], path: Path = PARAMS) -> list[str]:
    """Write experiments that are new, or have new seeds, into params.yaml; comments are kept.

    Returns what was written, by name. Raises `HcutalError` where the result would not be valid; the file is then
    untouched.
    """
    document = load(path)
    changed = {name: entry for name, entry in found.values() if document.experiments.get(name) != entry}
    if changed:
        yaml = round_trip()
        values = yaml.load(path)
        for name, entry in changed.items():
            if name in document.experiments:
                values["experiments"][name]["seeds"] = in_one_line(entry.seeds)
                if CHECKPOINTS in entry.train:
                    train = values["experiments"][name].setdefault("train", in_one_line({}))
                    train[CHECKPOINTS] = entry.train[CHECKPOINTS]
            else:
                values["experiments"][name] = in_one_line(_written(entry))
        with atomic_path(path) as temporary:
            yaml.dump(values, temporary)
            resolve(load(temporary), path)
    return list(changed)


def _written(entry: Experiment) -> dict[str, Any]:
    """The values of an experiment as a person would write them: what it is first, and no empty sections."""
    values = entry.model_dump()
    first = ("dataset", "preset", "seeds", "supervision")
    return {
        key: values[key]
        for key in (*first, *(key for key in values if key not in first))
        if values[key] != {}
    }
