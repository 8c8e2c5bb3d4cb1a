"""Trained runs in MLflow's registry: a version of `hcutal-EXPERIMENT` for each that differs from those before.

The seeds of an experiment are versions beside each other; the tag `hcutal.run` says which run one is.
"""

import os
import re
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hcutal.apply.trained import RunDescription, RunFiles, TrainedRun, find_run, read_form
from hcutal.data.store import Features, FeatureStore
from hcutal.errors import HcutalError
from hcutal.files import json_digest, sha256
from hcutal.layout import LOCK, MLFLOW_DATABASE, RunPaths, features_dir
from hcutal.localize.choice import Choice
from hcutal.params.propose import ProposeParams
from hcutal.params.section import validate
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.mlflow_log.mlflow_store import is_own, open_store, tracking_uri

if TYPE_CHECKING:
    from mlflow.models import ModelSignature
    from mlflow.tracking import MlflowClient

MODEL, RUN = "model", "run"
ADDRESS, CONTENT = "hcutal.model", "hcutal.content"
# The bars of progress would stand in logs.
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
MODEL_CODE = Path(__file__).with_name("segment_model.py")
# What applying a run needs beside hcutal; named, since MLflow would have to run the model to find out.
PACKAGES = ("hcutal", "mlflow", "numpy", "orjson", "pandas", "pydantic", "safetensors", "torch")
# What a call of the model may say: seconds of the recording (0: it ends with its last snippet), frames a second
# of the features (0: as in training), and which segments (top 0: all).
PARAMS: dict[str, tuple[str, float | int]] = {
    "duration": ("double", 0.0),
    "fps": ("double", 0.0),
    "overlap": ("double", Choice.overlap),
    "min_score": ("double", Choice.min_score),
    "top": ("long", 0),
}
EXAMPLE_SNIPPETS = 16


def files_of(stages: Sequence[Stage], run: str) -> RunFiles:
    """The parts of the run in the state of `stages`, with the parameters that it ran with."""
    by_kind = {stage.kind: stage for stage in stages}
    missing = [kind for kind in ("features", "train", "map", "propose") if kind not in by_kind]
    if missing:
        raise HcutalError(f"{run}: no stage {missing[0]}; expected features, train, map and propose")
    key = f"runs.{run}.propose"
    values = next(found[key] for found in by_kind["propose"].entry["params"].values() if key in found)
    params = validate(ProposeParams, values, f"{LOCK}: {key}")
    form = read_form(features_dir(by_kind["features"].key))
    files = RunPaths.of(run)
    about = RunDescription.of(run, propose=params, features=form)
    return RunFiles(files.model, files.mapping, about)


def example_of(stages: Sequence[Stage]) -> Features:
    """The first snippets of a recording of the data set, [at most 16, D]."""
    dataset = next(stage.key for stage in stages if stage.kind == "features")
    store = FeatureStore(features_dir(dataset))
    video = store.videos[0]
    return store.read(video, np.arange(min(EXAMPLE_SNIPPETS, store.length(video))))


def register(client: "MlflowClient", run_id: str, files: RunFiles, example: Features) -> str:
    """Log a trained run as a model of the MLflow run `run_id` and register it; returns its address.

    example: features [T, D]. Where a version holds the same run already, that one is returned. Raises
    `HcutalError` when the files are no run that can be applied.
    """
    inputs = files.check()
    name = f"hcutal-{files.about.experiment}"
    with tempfile.TemporaryDirectory() as folder:
        packed, saved = Path(folder, RUN), Path(folder, MODEL)
        files.pack(packed)
        content = json_digest({path.name: sha256(path) for path in packed.iterdir()})
        number = _version_with(client, name, content)
        if number is None:
            _save(saved, packed, inputs, example)
            client.log_artifacts(run_id, str(saved), MODEL)
            tags = {CONTENT: content, "hcutal.run": files.about.run}
            number = _add_version(client, name, run_id, tags)
    return f"models:/{name}/{number}"


def fetch_run(address: str) -> TrainedRun:
    """A run from MLflow: `models:/hcutal-EXPERIMENT/VERSION`, `runs:/ID/model`, or the id of a tracked run.

    The id of an experiment stands for the run of its lowest seed.

    Raises `HcutalError` when MLflow has no such model.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    if is_own() and not MLFLOW_DATABASE.exists():
        raise HcutalError(f"run {address!r}: no {MLFLOW_DATABASE} here; run this in the project's folder")
    client, _ = open_store()
    uri = tracking_uri()
    try:
        if re.fullmatch(r"[0-9a-f]{32}", address):
            address = client.get_run(address).data.tags.get(ADDRESS, f"runs:/{address}/{MODEL}")
        with tempfile.TemporaryDirectory() as folder:
            found = download_artifacts(address, dst_path=folder, tracking_uri=uri, registry_uri=uri)
            return find_run(found).load()
    except MlflowException as error:
        raise HcutalError(f"run {address!r}: not in MLflow at {uri} ({error.message})") from error


def signature_of(inputs: int) -> "ModelSignature":
    """Features [T, inputs] to segments: start and end in seconds, label, score."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec

    columns = {"start": "double", "end": "double", "label": "string", "score": "double"}
    return ModelSignature(
        inputs=Schema([TensorSpec(np.dtype(np.float32), (-1, inputs))]),
        outputs=Schema([ColSpec(kind, name) for name, kind in columns.items()]),
        params=ParamSchema([ParamSpec(name, kind, default) for name, (kind, default) in PARAMS.items()]),
    )


def _save(folder: Path, packed: Path, inputs: int, example: Features) -> None:
    import mlflow.pyfunc

    # Versions as others can install them: without what names a build, as in 2.13.0+cpu.
    requirements = [f"{name}=={version(name).partition('+')[0]}" for name in PACKAGES]
    mlflow.pyfunc.save_model(
        folder,
        python_model=str(MODEL_CODE),
        artifacts={RUN: str(packed)},
        signature=signature_of(inputs),
        input_example=example,
        pip_requirements=requirements,
    )


def _add_version(client: "MlflowClient", name: str, run_id: str, tags: dict[str, str]) -> str:
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    source = f"{client.get_run(run_id).info.artifact_uri}/{MODEL}"
    return str(client.create_model_version(name, source, run_id, tags=tags).version)


def _version_with(client: "MlflowClient", name: str, content: str) -> str | None:
    """The version that holds the content; one whose run is deleted (tracking was killed) is removed."""
    for found in client.search_model_versions(f"name = '{name}'"):
        if found.tags.get(CONTENT) == content:
            if client.get_run(found.run_id).info.lifecycle_stage == "active":
                return str(found.version)
            client.delete_model_version(name, found.version)
    return None
