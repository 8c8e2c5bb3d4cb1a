"""`hcutal teach`: what a person said of a run becomes labels for an experiment of supervision weak, and is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from hcutal.cluster.assigned import read_assigned
from hcutal.cluster.mapping import read_mapping
from hcutal.errors import HcutalError
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import atomic_path
from hcutal.labelling.agreement import Agreement, agreement
from hcutal.labelling.marks import Mark
from hcutal.labelling.run_labels import RunLabels
from hcutal.labelling.taught import taught_labels, write_taught
from hcutal.layout import PARAMS, RunPaths, dropped_file, run_name, split_run, taught_file
from hcutal.localize.choice import Choice
from hcutal.params.author_yaml import in_one_line, round_trip
from hcutal.params.document import Document, load, resolve
from hcutal.report.typical import find_segments

SUFFIX = "-taught"
OVERRIDES = ("train", "map", "propose", "evaluate", "report")


@dataclass(frozen=True)
class Teaching:
    """The experiment that is taught, and how many recordings have labels, of how many; dropped ones left out."""

    experiment: str
    labelled: int
    recordings: int
    labels: list[str]
    dropped: int


def teach(run: str, path: Path = PARAMS) -> Teaching:
    """Write labels/RUN.taught.csv, and the experiment that is trained on it into params.yaml where it is not there.

    Raises `HcutalError` where fewer than two labels were given, or the data set is no folder of recordings.
    """
    document = load(path)
    experiment, seed = split_run(run)
    source = document.experiments[experiment]
    dataset = document.datasets[source.dataset]
    if dataset.kind != "recordings":
        raise HcutalError(f"{run}: is on data of kind {dataset.kind}; expected a folder of recordings")
    said = RunLabels(run)
    names, marks, dropped = said.names(), said.marks_here(), said.dropped()
    assigned = read_assigned(RunPaths.of(run).pseudo_labels)
    # Under weak supervision there are no clusters that a person could have named.
    pairs = [] if source.supervision == "weak" else zip(assigned["video"], assigned["cluster"], strict=True)
    labels = taught_labels(pairs, names, marks, dropped, said.training)
    known = sorted({label for own in labels.values() for label in own})
    if len(known) < 2:
        raise HcutalError(
            f"{run}: names and marks give {len(known)} labels; expected two or more: hcutal label {run}"
        )
    write_taught(taught_file(run), labels)
    name = f"{experiment}{SUFFIX}"
    _write_experiment(document, path, experiment, name, seed, taught_file(run).name)
    return Teaching(name, len(labels), assigned["video"].nunique(), known, len(dropped))


def _write_experiment(
    document: Document, path: Path, experiment: str, name: str, seed: int, table: str
) -> None:
    source = document.experiments[experiment]
    taught = document.datasets[source.dataset].prepare.get("taught")
    if taught == table and name in document.experiments:
        return
    if taught not in (None, table):
        raise HcutalError(
            f"{path}: datasets.{source.dataset}.prepare.taught is {taught}; a data set has the labels of one "
            f"run: take it out to use {table}"
        )
    yaml = round_trip()
    values = yaml.load(path)
    values["datasets"][source.dataset].setdefault("prepare", {})["taught"] = table
    if name not in document.experiments:
        about = {"dataset": source.dataset, "preset": source.preset, "seeds": [seed], "supervision": "weak"}
        overrides = {key: getattr(source, key) for key in OVERRIDES if getattr(source, key)}
        values["experiments"][name] = in_one_line({**about, **overrides})
    with atomic_path(path) as temporary:
        yaml.dump(values, temporary)
        resolve(load(temporary), path)


def agreements(run: str, document: Document) -> dict[str, Agreement]:
    """How well the run, and those that it taught, agree with its marks, as far as there are results."""
    said = RunLabels(run)
    marks, names = said.marks_here(), said.names()
    experiment, _ = split_run(run)
    taught = document.experiments.get(f"{experiment}{SUFFIX}")
    runs = [run, *(run_name(f"{experiment}{SUFFIX}", seed) for seed in (taught.seeds if taught else ()))]
    return {
        name: _agreement(name, marks, names, said.training, document)
        for name in runs
        if RunPaths.of(name).proposals.exists()
    }


def agreement_lines(run: str, document: Document) -> list[str]:
    """The same in words, a line a run that anything was said of; none while results are made anew."""
    try:
        found = agreements(run, document)
    except (HcutalError, OSError):
        return []
    return [
        f"{name} agrees with {each.agreed} of {each.marks} marks ({100 * each.share:.0f} %)"
        for name, each in found.items()
        if each.share is not None
    ]


def _agreement(
    run: str, marks: Sequence[Mark], names: dict[str, str], training: str, document: Document
) -> Agreement:
    """Segments are called as clusters are now, also where the results were made before they were named."""
    experiment = document.experiments[split_run(run)[0]]
    score = resolve(document)["runs"][split_run(run)[0]][str(split_run(run)[1])]["report"]["segment_score"]
    proposals = RunPaths.of(run).proposals
    segments = _segments(proposals, proposals.stat().st_mtime_ns, score)
    clusters: dict[str, set[str]] = {}
    for row in read_mapping(RunPaths.of(run).mapping) if experiment.supervision != "weak" else []:
        if row.kept:
            clusters.setdefault(row.label, set()).add(names.get(str(row.cluster), row.label))

    def called(label: str) -> str:
        given = clusters.get(label, {label})
        return next(iter(given)) if len(given) == 1 else label

    return agreement(marks, names, training, segments, called)


@lru_cache(maxsize=8)
def _segments(proposals: Path, written: int, score: float) -> pd.DataFrame:
    """The segments of a run, read once as long as the file is that which was `written` then."""
    return find_segments(read_predictions(proposals), Choice(min_score=score))


def dropped_hint(run: str, dataset: str) -> str:
    """How dropped recordings are left out of all training."""
    return f"datasets.{dataset}.prepare.dropped: {dropped_file(run).name}"
