"""What the page of a run is made from: the files that the stages wrote, read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from hcutal.cluster.assigned import read_assigned
from hcutal.cluster.mapping import MappingRow, read_mapping
from hcutal.data.annotations import Annotations, read_annotations
from hcutal.data.store import FeatureMeta
from hcutal.data.subsets import belongs
from hcutal.data.units import by_video
from hcutal.data.video_labels import checked_labels
from hcutal.errors import HcutalError
from hcutal.evaluate.predictions import COLUMNS as PREDICTION_COLUMNS
from hcutal.evaluate.predictions import read_predictions
from hcutal.extract.previews import FilmPreviews, read_previews
from hcutal.files import read_json
from hcutal.layout import (
    PREVIEWS_INDEX,
    RESOLVED,
    SIDECAR,
    DatasetFiles,
    RunPaths,
    features_dir,
    previews_dir,
    split_run,
)
from hcutal.params.section import validate
from hcutal.report.intervals import Intervals
from hcutal.tables import read_numbers, read_table, read_texts

METRIC_STAGES = ("train", "map", "propose", "evaluate")
DIAGNOSED = ("tiou", "instances", "missed", "kinds", "groups", "gains", "by", "calibration")


@dataclass(frozen=True, eq=False)
class RunOutputs:
    """The outputs of the stages of a run.

    Attributes:
        run: its name, `watch.0`.
        settings: its parameters, by stage.
        metrics: of each stage that has some, by name.
        training: a row a recorded step, with losses and weights; column step.
        pseudo_labels: columns video, start, end (seconds), cluster, confidence; a row a piece.
        mapping: the names of the clusters.
        labels: the classes of each recording; empty where they are not known.
        features: the sidecar of the feature store.
        proposals: columns video, start, end (seconds), label, score.
        cas_path: where the class activation sequences are.
        truth: the annotated test recordings; None where nothing is annotated.
        per_class: a row a class, as the evaluate stage writes it.
        diagnosis: as the evaluate stage writes it.
        recordings: the file of each recording of a folder; empty for other data sets.
        durations: seconds of these, NaN where they are not known.
        rates: frames a second of those files that have one constant rate.
        training_proposals: as `proposals`, of recordings of a folder that were only trained on.
        previews: small copies of films that browsers do not play.
    """

    run: str
    dataset: str
    settings: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, float]]
    training: pd.DataFrame
    pseudo_labels: pd.DataFrame
    mapping: Sequence[MappingRow]
    labels: Mapping[str, Sequence[str]]
    features: FeatureMeta
    proposals: pd.DataFrame
    cas_path: Path
    truth: Annotations | None
    per_class: pd.DataFrame
    diagnosis: Mapping[str, Any]
    recordings: Mapping[str, Path]
    durations: Mapping[str, float] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    previews: FilmPreviews = field(default_factory=FilmPreviews)
    training_proposals: pd.DataFrame = field(
        default_factory=partial(pd.DataFrame, columns=PREDICTION_COLUMNS)
    )

    def proposals_of(self, recording: str) -> Intervals:
        """The proposals of a recording."""
        return Intervals.from_table(self.proposals[self.proposals["video"] == recording])

    def truth_of(self, recording: str) -> Intervals | None:
        """The annotated instances of a recording; None where nothing is annotated."""
        if self.truth is None:
            return None
        return Intervals.from_table(self.truth.instances[self.truth.instances["video"] == recording])

    def settings_of(self, stage: str) -> Mapping[str, Any]:
        """The parameters of a stage; empty where there are none."""
        found = self.settings.get(stage, {})
        return found if isinstance(found, Mapping) else {}

    @property
    def experiment(self) -> str:
        """The experiment that it is a run of."""
        return split_run(self.run)[0]

    @property
    def seed(self) -> int:
        """Its seed."""
        return split_run(self.run)[1]

    @property
    def supervision(self) -> str:
        """What training was given: `unsupervised`, `weak` or `mapped`."""
        return str(self.settings_of("train").get("supervision", "unsupervised"))

    @property
    def confidence_level(self) -> float | None:
        """Of the intervals of the mAP; None where the evaluate stage was not told one."""
        bootstrap = self.settings_of("evaluate").get("bootstrap")
        return bootstrap.get("level") if isinstance(bootstrap, Mapping) else None

    @property
    def names_given(self) -> int:
        """Clusters whose names somebody gave, and that are those of this training."""
        metrics = self.metrics["map"]
        return 0 if metrics.get("names_ignored") else int(metrics.get("names_given", 0))

    @property
    def named_clusters(self) -> dict[str, list[int]]:
        """The clusters behind each name that was kept; under weak supervision there are none."""
        found: dict[str, list[int]] = {}
        for row in self.mapping:
            if row.kept:
                clusters = found.setdefault(row.label, [])
                clusters += [] if self.supervision == "weak" else [row.cluster]
        return found


def read_outputs(run: str, dataset: str) -> RunOutputs:
    """Read the files of a run from the project's folder.

    Raises `HcutalError` naming the file that is missing or malformed.
    """
    data, files = DatasetFiles.of(dataset), RunPaths.of(run)
    sidecar = features_dir(dataset) / SIDECAR
    settings = _settings(run)
    # A project whose graph is of an earlier version has no stage that makes them.
    listed = previews_dir(dataset) / PREVIEWS_INDEX
    has_previews = settings.get("report", {}).get("previews", False) and listed.exists()
    return RunOutputs(
        run=run,
        dataset=dataset,
        settings=settings,
        previews=read_previews(previews_dir(dataset)) if has_previews else FilmPreviews(),
        metrics={stage: _read_metrics(files.metrics(stage)) for stage in METRIC_STAGES},
        training=read_numbers(files.curves, "step", float),
        pseudo_labels=read_assigned(files.pseudo_labels),
        mapping=read_mapping(files.mapping),
        labels=checked_labels(data.labels, read_json(data.labels)),
        features=validate(FeatureMeta, read_json(sidecar), str(sidecar)),
        proposals=read_predictions(files.proposals),
        cas_path=files.cas,
        truth=annotated_test_part(dataset),
        per_class=read_numbers(files.per_class, "label", str),
        diagnosis=_read_diagnosis(files.diagnosis),
        training_proposals=_read_training(files.training_proposals),
        **_read_recordings(data.index),
    )


def read_object(path: Path) -> Any:
    """The object in a JSON file; `HcutalError` when it is something else."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise HcutalError(f"{path}: found {type(value).__name__}, expected an object")
    return value


def _settings(run: str) -> Mapping[str, Any]:
    found: Any = read_json(RESOLVED)
    experiment, seed = split_run(run)
    for key in ("runs", experiment, str(seed)):
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise HcutalError(f"{RESOLVED}: no runs.{run}")
    return found


def _read_metrics(path: Path) -> dict[str, float]:
    values = read_object(path)
    for name, value in values.items():
        if value is not None and not isinstance(value, int | float):
            raise HcutalError(f"{path}: {name} is {value!r}; expected a number")
    # Not-a-number is written as null.
    return {name: float("nan") if value is None else float(value) for name, value in values.items()}


def _read_diagnosis(path: Path) -> Any:
    values = read_object(path)
    missing = [name for name in DIAGNOSED if name not in values]
    if missing and "reason" not in values:
        raise HcutalError(f"{path}: no {missing[0]}; expected a diagnosis, or the reason why there is none")
    return values


def _read_training(path: Path) -> pd.DataFrame:
    """Empty where the run was made before there was such a file."""
    return read_predictions(path) if path.exists() else pd.DataFrame(columns=PREDICTION_COLUMNS)


def _read_recordings(path: Path) -> dict[str, dict[str, Any]]:
    """Files, durations and rates of the recordings of a folder, by name; none where the list is one of arrays."""
    if not path.exists() or "stream" in read_texts(path):
        return {"recordings": {}, "durations": {}, "rates": {}}
    table = read_table(path, {"video": str, "path": str, "duration": float}, {"rate": float})
    rates = by_video(table.set_index("video")["rate"].dropna()) if "rate" in table else {}
    return {
        "recordings": dict(zip(table["video"], map(Path, table["path"]), strict=True)),
        "durations": dict(zip(table["video"], table["duration"].tolist(), strict=True)),
        "rates": rates,
    }


def annotated_test_part(dataset: str) -> Annotations | None:
    """The annotated test recordings of a prepared data set; None where nothing is annotated."""
    annotations = read_annotations(DatasetFiles.of(dataset).annotations)
    videos = annotations.videos
    part = annotations.select(videos.loc[belongs(videos["subset"], "test"), "video"].tolist())
    return None if part.instances.empty else part
