"""What the page is made from: the files of the earlier stages, read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hcutal.cluster.mapping import MappingRow, read_mapping
from hcutal.data.annotations import Annotations, read_annotations
from hcutal.data.store import FeatureMeta
from hcutal.data.subsets import belongs
from hcutal.errors import HcutalError
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import read_json
from hcutal.layout import RESOLVED, SIDECAR, DatasetFiles, features_dir, results_dir
from hcutal.params.section import validate
from hcutal.tables import read_table

METRIC_STAGES = ("train", "map", "propose", "evaluate")
DIAGNOSED = ("tiou", "instances", "missed", "kinds", "groups", "gains", "by", "calibration")


@dataclass(frozen=True)
class Intervals:
    """Labelled intervals of a recording: labels [N], bounds [N, 2] in seconds, scores [N]."""

    labels: np.ndarray
    bounds: np.ndarray
    scores: np.ndarray

    @classmethod
    def from_table(cls, table: pd.DataFrame) -> "Intervals":
        """From the columns label, start, end and, where there is one, score."""
        scores = table["score"].to_numpy(np.float64) if "score" in table else np.ones(len(table))
        return cls(table["label"].to_numpy(np.str_), table[["start", "end"]].to_numpy(np.float64), scores)

    def take(self, chosen: np.ndarray) -> "Intervals":
        """Those at an index or a mask, in the same order."""
        return Intervals(self.labels[chosen], self.bounds[chosen], self.scores[chosen])

    def of(self, label: str) -> "Intervals":
        """Those of one class, in the same order."""
        return self.take(self.labels == label)

    def __len__(self) -> int:
        """Number of intervals."""
        return len(self.labels)


@dataclass(frozen=True)
class Inputs:
    """Everything that the page shows.

    truth: the test recordings, None where nothing is annotated; diagnosis: as the evaluate stage writes it;
    recordings: the file of each recording of a folder, empty for other data sets.
    """

    experiment: str
    dataset: str
    settings: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, float]]
    curves: pd.DataFrame
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

    def proposals_of(self, video: str) -> Intervals:
        """The proposals of a recording."""
        return Intervals.from_table(self.proposals[self.proposals["video"] == video])

    def truth_of(self, video: str) -> Intervals | None:
        """The annotated instances of a recording; None where nothing is annotated."""
        if self.truth is None:
            return None
        return Intervals.from_table(self.truth.instances[self.truth.instances["video"] == video])


def read_inputs(experiment: str, dataset: str) -> Inputs:
    """Read the files of an experiment from the project's folder.

    Raises `HcutalError` naming the file that is missing or malformed.
    """
    data = DatasetFiles.of(dataset).folder
    train, mapped, proposed, evaluated = (results_dir(experiment, stage) for stage in METRIC_STAGES)
    sidecar = features_dir(dataset) / SIDECAR
    return Inputs(
        experiment=experiment,
        dataset=dataset,
        settings=_settings(experiment),
        metrics={
            stage: _read_metrics(results_dir(experiment, stage) / "metrics.json") for stage in METRIC_STAGES
        },
        curves=_read_whole_table(train / "curves.csv", "step", float),
        pseudo_labels=read_table(
            train / "pseudo_labels.csv", {"video": str, "cluster": int, "confidence": float}
        ),
        mapping=read_mapping(mapped / "mapping.csv"),
        labels=read_object(data / "labels.json"),
        features=validate(FeatureMeta, read_json(sidecar), str(sidecar)),
        proposals=read_predictions(proposed / "proposals.json"),
        cas_path=proposed / "cas.npz",
        truth=_test_part(read_annotations(data / "annotations.json")),
        per_class=_read_whole_table(evaluated / "per_class.csv", "label", str),
        diagnosis=_read_diagnosis(evaluated / "diagnosis.json"),
        recordings=_read_recordings(data / "recordings" / "index.csv"),
    )


def read_object(path: Path) -> Any:
    """The object in a JSON file; `HcutalError` when it is something else."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise HcutalError(f"{path}: found {type(value).__name__}, expected an object")
    return value


def read_cas(path: Path) -> tuple[list[str], Mapping[str, np.ndarray]]:
    """The class names C, and the class CAS [T, C] of each recording by name, read when it is asked for."""
    try:
        archive = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise HcutalError(f"{path}: no such file") from None
    except (ValueError, OSError) as error:
        raise HcutalError(f"{path}: not a NumPy archive ({error})") from None
    if not isinstance(archive, np.lib.npyio.NpzFile) or "classes" not in archive:
        raise HcutalError(
            f"{path}: no array 'classes'; expected an archive with one array a recording and the classes"
        )
    return [str(name) for name in archive["classes"]], archive


def _read_whole_table(path: Path, key: str, kind: type) -> pd.DataFrame:
    """All columns of a CSV file: `key` of the given type, the others as numbers, NaN where empty."""
    keys = read_table(path, {key: kind})[key]
    table = pd.read_csv(path).drop(columns=key)
    words = [str(name) for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    if words and len(table):
        raise HcutalError(f"{path}: column {words[0]} holds {table[words[0]].iloc[0]!r}; expected numbers")
    table.insert(0, key, keys)
    return table


def _settings(experiment: str) -> Mapping[str, Any]:
    values = read_json(RESOLVED)
    experiments = values.get("experiments") if isinstance(values, dict) else None
    if not isinstance(experiments, dict) or not isinstance(experiments.get(experiment), dict):
        raise HcutalError(f"{RESOLVED}: no experiments.{experiment}")
    found: Mapping[str, Any] = experiments[experiment]
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


def _read_recordings(path: Path) -> dict[str, Path]:
    if not path.exists():
        return {}
    table = read_table(path, {"video": str, "path": str})
    return dict(zip(table["video"], map(Path, table["path"]), strict=True))


def _test_part(annotations: Annotations) -> Annotations | None:
    videos = annotations.videos
    part = annotations.select(videos.loc[belongs(videos["subset"], "test"), "video"].tolist())
    return None if part.instances.empty else part
