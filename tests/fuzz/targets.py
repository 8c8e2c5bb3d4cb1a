"""Every reader of files, with the files of the sample that it reads: damaged one at a time."""

import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from hcutal.apply.trained import find_run, folder_files
from hcutal.code import check_code
from hcutal.commands.evaluate_request import Request, run
from hcutal.data.restricted_pickle import read_object_array
from hcutal.data.store import FeatureStore
from hcutal.datasets import imported
from hcutal.datasets.recordings import read_durations, read_index
from hcutal.errors import HcutalError
from hcutal.extract.poses.pose_extractor import PoseExtractor
from hcutal.extract.smartwatch import WatchExtractor
from hcutal.extract.vectors import VectorExtractor
from hcutal.extract.video.weights import load_i3d
from hcutal.files import json_digest
from hcutal.hashes import KnownDigests
from hcutal.labelling.dropped import read_dropped
from hcutal.labelling.marks import read_marks
from hcutal.labelling.names_table import make_names, write_names
from hcutal.labelling.taught import read_taught
from hcutal.layout import (
    CODE,
    MADE,
    STATES_TABLE,
    DatasetFiles,
    RunPaths,
    SummaryPaths,
    dropped_file,
    execution,
    features_dir,
    marks_file,
    taught_file,
)
from hcutal.model.kept_states import read_states
from hcutal.model.made_trainings import take_training
from hcutal.model.packed import TrainingFeatures
from hcutal.model.supervision import read_supervision
from hcutal.params.document import EXPERIMENT_SECTIONS, load, resolve
from hcutal.params.extractors import PoseFeatures, VectorFeatures, WatchFeatures
from hcutal.params.imported import ImportedFeatures, ImportedPrepare
from hcutal.params.section import read_run_section
from hcutal.pipeline import compare, rules
from hcutal.pipeline import run as pipeline_run
from hcutal.pipeline.add_dataset import add_dataset
from hcutal.pipeline.executions import execution_of
from hcutal.pipeline.lock import lock_entry
from hcutal.pipeline.mlflow_log import mlflow_store
from hcutal.pipeline.records import is_tracked, write_record
from hcutal.report.curves import Curves
from hcutal.report.run_outputs import read_outputs
from hcutal.stages import evaluate, map, propose, summary
from tests.fuzz.sample import EXECUTED, IDENTITY

DATA, RESULTS = DatasetFiles.of("sim"), RunPaths.of("a.0")
STORE = features_dir("sim")
TRAINED = [f"simulated_train_{number:04d}" for number in range(6)]
TESTED = [f"simulated_test_{number:04d}" for number in range(4)]
PACKED = ("run.json", "model.json", "model.safetensors", "mapping.csv")
Read = Callable[[], object]


@dataclass(frozen=True)
class Target:
    """A file of the sample that is damaged, and what reads it; `weight` is its share of the inputs."""

    reader: str
    file: str
    read: Read
    weight: float = 1.0

    @property
    def name(self) -> str:
        """Of the reader and the file."""
        return f"{self.reader}: {self.file}"


def _params() -> None:
    resolve(load())


def _added() -> None:
    add_dataset(Path("params.yaml"), "more", Path("mine"))


def _resolved() -> None:
    for name, model in EXPERIMENT_SECTIONS.items():
        read_run_section(model, "a.0", name)


def _imported() -> None:
    imported.prepare(Path("made"), ImportedPrepare(), Path("mine"))


def _listed() -> None:
    imported.features(Path("data/mine/recordings"), Path("made"), ImportedFeatures())


def _index() -> None:
    read_index(Path("given"))
    read_durations(Path("given"))


def _training_data() -> None:
    store = FeatureStore(STORE)
    TrainingFeatures(store, store.videos, torch.device("cpu"))


def _supervision() -> None:
    for setting in ("unsupervised", "weak"):
        read_supervision(DATA.supervision(setting), TRAINED)


def _page() -> None:
    curves = Curves.read(read_outputs("a.0", "sim"))
    for recording in curves.recordings:
        curves.of(recording)


def _evaluate(predictions: str, **files: str) -> Read:
    paths: dict[str, Any] = {name: Path("given", file) for name, file in files.items()}
    request = Request(predictions=(Path("given", predictions),), draws=2, **paths)
    return lambda: list(run(request))


def _packed() -> None:
    folder_files(Path("packed")).load()


def _vectors(file: str, centre: bool = False) -> Read:
    return lambda: VectorExtractor(VectorFeatures(centre=centre)).extract(Path("given", file))


def _poses(file: str) -> Read:
    return lambda: PoseExtractor(PoseFeatures(fps=2.0)).extract(Path("given", file))


def _watch() -> None:
    WatchExtractor(WatchFeatures()).extract(Path("given/watch.npy"))


def _known_digests() -> None:
    known = KnownDigests(Path())
    known.of(Path("mine/gt.json"))
    known.save()


def _compare() -> None:
    for each in compare.summarised():
        compare.show([each])
        compare.compare_two(each, each, "average_mAP")
    compare.compare(compare.summarised())


def _record() -> None:
    is_tracked("a")
    write_record("train@a.0", "1" * 64)


def _executed() -> None:
    assert execution_of(EXECUTED).status


def _taken() -> None:
    # Into another folder than it was made in, which a reader that takes it leaves.
    shutil.rmtree("taken", ignore_errors=True)
    take_training(MADE, IDENTITY, Path("taken"))


def _holder() -> None:
    pipeline_run._end_orphan(pipeline_run._holder(), lambda text: None)


def _code() -> None:
    check_code("train")
    check_code("prepare", "simulated")


def _weights(file: str) -> Read:
    def read() -> None:
        # No whole network, so that the file is small: what can be read ends in the list of missing tensors.
        with contextlib.suppress(HcutalError):
            load_i3d(Path("given", file), "rgb")

    return read


def _database() -> None:
    # To make a new one takes MLflow seconds, and is no reading.
    with patch.object(mlflow_store, "_make"), patch.dict(os.environ):
        os.environ.pop("MLFLOW_TRACKING_URI", None)
        mlflow_store.experiment_id()
        mlflow_store.prepare_own()


def _targets(reader: str, read: Read, *files: str | Path, weight: float = 1.0) -> list[Target]:
    return [Target(reader, str(file), read, weight) for file in files]


THUMOS = _evaluate("found.json", ground_truth="thumos.json", videos="names.txt", labels="labels.txt")
BMN = _evaluate("found_anet.json", ground_truth="bmn.json")
TARGETS: list[Target] = [
    *_targets("parameters", _params, "params.yaml", "labels/a.0.csv", weight=0.5),
    *_targets("import features", _added, "params.yaml", weight=0.3),
    *_targets("resolved parameters", _resolved, "resolved.json"),
    *_targets(
        "imported folder",
        _imported,
        *("mine/gt.json", "mine/split_train.txt", "mine/split_test.txt", "mine/features/train/rgb/v1.npy"),
    ),
    *_targets(
        "list of imported arrays",
        _listed,
        *("data/mine/recordings/index.csv", "data/mine/recordings/recordings.json"),
    ),
    *_targets("list of recordings", _index, "given/index.csv"),
    *_targets("feature store", _training_data, STORE / "features.json", STORE / f"rgb/{TRAINED[0]}.npy"),
    *_targets(
        "labels of training", _supervision, *(DATA.supervision(name) for name in ("unsupervised", "weak"))
    ),
    *_targets(
        "stage map",
        lambda: map.run("a.0", "sim"),
        *(RESULTS.pseudo_labels, RESULTS.description, DATA.videos, DATA.labels),
    ),
    *_targets(
        "stage propose",
        lambda: propose.run("a.0", "sim"),
        *(RESULTS.description, RESULTS.model / "model.safetensors", RESULTS.mapping, DATA.videos),
        *(STORE / "features.json", STORE / f"flow/{TESTED[0]}.npy"),
        weight=0.3,
    ),
    *_targets(
        "stage evaluate", lambda: evaluate.run("a.0", "sim"), DATA.annotations, RESULTS.proposals, weight=0.3
    ),
    *_targets(
        "page of a run",
        _page,
        *(RESULTS.curves, RESULTS.pseudo_labels, RESULTS.mapping, DATA.labels, STORE / "features.json"),
        *(RESULTS.proposals, RESULTS.cas, DATA.annotations, RESULTS.per_class, RESULTS.diagnosis),
        *(RESULTS.metrics("train"), "resolved.json"),
        weight=0.5,
    ),
    *_targets("names", lambda: make_names("a.0", True), RESULTS.pseudo_labels, RESULTS.mapping),
    *_targets("names", lambda: make_names("a.0", False), "labels/a.0.csv"),
    *_targets("naming", lambda: write_names("a.0", {0: "wave"}), "labels/a.0.csv"),
    *_targets("marks", lambda: read_marks(marks_file("a.0")), marks_file("a.0")),
    *_targets("taught", lambda: read_taught(taught_file("a.0")), taught_file("a.0")),
    *_targets("dropped", lambda: read_dropped(dropped_file("a.0")), dropped_file("a.0")),
    *_targets(
        "summary", lambda: summary.run("a"), RESULTS.draws("map"), RESULTS.draws("evaluate"), "resolved.json"
    ),
    *_targets(
        "comparison",
        _compare,
        *(SummaryPaths.of("a").metrics, RESULTS.draws("map"), RESULTS.draws("evaluate"), "resolved.json"),
    ),
    *_targets(
        "hcutal evaluate",
        THUMOS,
        *("given/thumos.json", "given/found.json", "given/names.txt", "given/labels.txt"),
        weight=0.5,
    ),
    *_targets(
        "hcutal evaluate",
        _evaluate("found_anet.json", ground_truth="anet.json"),
        *("given/anet.json", "given/found_anet.json"),
        weight=0.5,
    ),
    *_targets("hcutal evaluate", BMN, "given/bmn.json", "given/video_info_new.csv", weight=0.5),
    *_targets("packed run", _packed, *(f"packed/{name}" for name in PACKED)),
    *_targets("run of a project", lambda: find_run("a").load(), "resolved.json", STORE / "features.json"),
    *_targets("sensor", _vectors("sensor.csv"), "given/sensor.csv"),
    *_targets("sensor", _vectors("sensor.npy"), "given/sensor.npy"),
    *_targets("skeleton", _vectors("joints.npy", centre=True), "given/joints.npy"),
    *(
        target
        for file in (
            "deeplabcut.csv",
            "deeplabcut.h5",
            "sleap.h5",
            "sleap.slp",
            "people.json",
            "landmarks.json",
        )
        for target in _targets("poses", _poses(file), f"given/{file}", weight=0.5)
    ),
    *_targets("smart watch", _watch, "given/watch.npy"),
    *_targets("object array", lambda: read_object_array("given/objects.npy"), "given/objects.npy"),
    *_targets("known digests", _known_digests, ".hcutal/hashes.json"),
    *_targets("record", _record, ".hcutal/records/train@a.0.json", ".hcutal/records/track@a.json"),
    *_targets("execution", _executed, execution(EXECUTED)),
    *_targets("training that was made", _taken, MADE / f"{json_digest(IDENTITY)}.json"),
    *_targets("states of a training", lambda: read_states(RESULTS.states), RESULTS.states / STATES_TABLE),
    *_targets("holder", _holder, ".hcutal/holder.json"),
    *_targets("dvc.lock", lambda: lock_entry("train@a.0"), "dvc.lock", weight=0.3),
    *_targets("code.json", _code, "code.json"),
    *_targets("digests to renew", lambda: rules._refresh(CODE, {}), "code.json"),
    *_targets("MLflow's database", _database, "mlflow.db"),
    *_targets("weights", _weights("weights.safetensors"), "given/weights.safetensors", weight=0.3),
    *_targets("weights", _weights("weights.pt"), "given/weights.pt", weight=0.3),
]
