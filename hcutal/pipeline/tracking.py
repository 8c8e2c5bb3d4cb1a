"""MLflow written from the state: a run for an experiment, below it one for each seed, below these the stages.

The stages of the data and the summary stand below the experiment itself. Each seed has a model.

Written from dvc.lock and the files, so that a stage restored from the cache is logged like one that ran. A
finished run tagged with the state means that it is logged already.

`python -m hcutal.pipeline.tracking EXPERIMENT`
"""

import csv
import logging
import math
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hcutal.entry import Command
from hcutal.errors import HcutalError
from hcutal.files import json_digest, read_json
from hcutal.layout import CODE, GRAPH, LABELS, PARAMS, RESOLVED, SNAKEFILE, split_run
from hcutal.pipeline.graph import TRIES, TRY_SECONDS, Stage, read_graph, stages_of, state_of
from hcutal.pipeline.live import log_points, points, remove_live
from hcutal.pipeline.mlflow_store import StoreUnreachableError, first_line, is_own, open_store, tracking_uri
from hcutal.pipeline.model_registry import ADDRESS, example_of, files_of, register
from hcutal.pipeline.records import track_name, tracked, write_record

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

STATE = "hcutal.state"
PARENT = "mlflow.parentRunId"
ARTIFACT_BYTES = 50_000_000
# Features and recordings are DVC's; a run holds what is looked at and the model.
ARTIFACT_SUFFIXES = {".json", ".csv", ".html", ".png", ".svg", ".safetensors"}
PARAM_CHARACTERS = 6000
TAG_CHARACTERS = 500
# What a run follows from: its own outputs, and dvc.lock, are no reason to call it changed.
MATTERS = (PARAMS, LABELS, GRAPH, SNAKEFILE, Path("workflow"), Path("hcutal"))
log = logging.getLogger(__name__)

# Parameters and metrics by name.
Values = tuple[dict[str, str], dict[str, float]]


def track(experiment: str) -> None:
    """Log the state of an experiment unless it is logged.

    The state is that of dvc.lock: parameters or code that were edited meanwhile are the next run's. Raises
    `HcutalError` where files are not those of dvc.lock.
    """
    stages = _intact_stages(experiment)
    try:
        _log(experiment, stages)
    except StoreUnreachableError as error:
        # The results are there all the same; the record says that they are not logged, and the next run tries again.
        log.warning("%s: not in MLflow, the next run tries again: %s", experiment, error)
        write_record(track_name(experiment), None)
    else:
        write_record(track_name(experiment), tracked(stages))


def _log(experiment: str, stages: list[Stage]) -> None:
    client, place = open_store()
    state = state_of(stages)
    try:
        if not _is_logged(client, place, state):
            Logger(client, place, experiment, state).log(stages)
        for run in sorted({stage.run for stage in stages if stage.run}):
            remove_live(client, place, run)
    except Exception as error:
        if is_own():
            raise
        raise StoreUnreachableError(f"{tracking_uri()}: {first_line(error)}") from error


def _intact_stages(experiment: str) -> list[Stage]:
    """The stages of the experiment; those missing are looked up again, as another stage may write dvc.lock just now."""
    for attempt in range(TRIES):
        stages = stages_of(read_graph(), experiment)
        if not stages:
            raise HcutalError(f"{experiment}: no such experiment in params.yaml")
        missing = [stage.name for stage in stages if not stage.intact]
        if not missing:
            return stages
        time.sleep(TRY_SECONDS * attempt)
    raise HcutalError(f"{experiment}: {', '.join(missing)}: outputs are not those of dvc.lock; run it first")


def _is_logged(client: "MlflowClient", place: str, state: str) -> bool:
    """Whether a finished parent run holds the state; what a killed run left of it is removed."""
    logged = False
    for run in client.search_runs([place], filter_string=f"tags.`{STATE}` = '{state}'"):
        if run.info.status == "FINISHED":
            logged = True
            continue
        _delete(client, place, run.info.run_id)
    return logged


def _delete(client: "MlflowClient", place: str, run: str) -> None:
    """Delete a run and all below it."""
    for child in client.search_runs([place], filter_string=f"tags.`{PARENT}` = '{run}'"):
        _delete(client, place, child.info.run_id)
    client.delete_run(run)


class Logger:
    """Writes one state of one experiment."""

    def __init__(self, client: "MlflowClient", place: str, experiment: str, state: str) -> None:
        """`place` is the id of the MLflow experiment."""
        self._client = client
        self._place = place
        self._experiment = experiment
        self._state = state
        self._git = git_tags()
        # Of the first run that can be applied.
        self._model: str | None = None

    def log(self, stages: list[Stage]) -> None:
        """Log the experiment with the means of its runs, and below it all that it is made of."""
        tags = {STATE: self._state, **data_tags(stages)}
        parent = self._start(self._experiment, tags)
        by_run: dict[str | None, list[Stage]] = {}
        for stage in stages:
            by_run.setdefault(stage.run, []).append(stage)
        shared = self._log_stages(by_run.pop(None, []), parent)
        runs = sorted((run for run in by_run if run), key=split_run)
        values = [self._log_run(run, by_run[run], stages, parent) for run in runs]
        self._log_values(parent, *together([shared, *values]))
        if self._model:
            self._client.set_tag(parent, ADDRESS, self._model)
        # Last of all: a finished parent means that the state is logged.
        self._client.set_terminated(parent, "FINISHED")

    def _log_run(self, name: str, own: list[Stage], stages: list[Stage], parent: str) -> Values:
        """Log one run of the experiment, with its `own` of all `stages`; returns its parameters and metrics."""
        run = self._start(name, {PARENT: parent, "hcutal.run": name, "hcutal.seed": str(split_run(name)[1])})
        values = self._log_stages(own, run)
        self._log_values(run, *values)
        self._register([stage for stage in stages if stage.run in (None, name)], run, name)
        self._client.set_terminated(run, "FINISHED")
        return values

    def _log_stages(self, stages: list[Stage], parent: str) -> Values:
        """Log a nested run for each stage; returns all their parameters and metrics, by stage."""
        params: dict[str, str] = {}
        metrics: dict[str, float] = {}
        for stage in stages:
            own_params, own_metrics = stage_params(stage), stage_metrics(stage)
            self._log_stage(stage, parent, own_params, own_metrics)
            params |= {f"{stage.kind}.{name}": value for name, value in own_params.items()}
            metrics |= {f"{stage.kind}/{name}": value for name, value in own_metrics.items()}
        return params, metrics

    def _start(self, name: str, tags: Mapping[str, str]) -> str:
        tags = {"hcutal.experiment": self._experiment, **self._git, **tags}
        return str(self._client.create_run(self._place, tags=tags, run_name=name).info.run_id)

    def _register(self, stages: list[Stage], run: str, name: str) -> None:
        """Put the run into the registry; a state whose run cannot be applied is tracked all the same, and says so."""
        from mlflow.exceptions import MlflowException

        try:
            files, example = files_of(stages, name), example_of(stages)
            address = register(self._client, run, files, example)
            self._client.set_tag(run, ADDRESS, address)
            self._model = self._model or address
        except (HcutalError, MlflowException) as error:
            log.warning("%s: tracked without a model: %s", name, error)
            self._client.set_tag(run, f"{ADDRESS}_missing", str(error)[:TAG_CHARACTERS])

    def _log_stage(
        self, stage: Stage, parent: str, params: Mapping[str, str], metrics: Mapping[str, float]
    ) -> None:
        tags = {
            PARENT: parent,
            "hcutal.stage": stage.kind,
            "hcutal.fingerprint": stage.fingerprint,
            "hcutal.code": code_fingerprint(stage),
        }
        run = self._start(stage.name, tags)
        self._log_values(run, params, metrics)
        for path, role in stage.outs.items():
            if role == "plots":
                with Path(path).open(newline="") as stream:
                    log_points(self._client, run, points(csv.DictReader(stream)))
            for file in artifacts(Path(path)):
                folder = file.relative_to(Path(path).parent).parent
                self._client.log_artifact(run, str(file), str(folder) if folder != Path() else None)
        self._client.set_terminated(run, "FINISHED")

    def _log_values(self, run: str, params: Mapping[str, str], metrics: Mapping[str, float]) -> None:
        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)
        entries = [Param(name, value) for name, value in params.items()]
        for start in range(0, len(entries), 100):
            self._client.log_batch(run, params=entries[start : start + 100])
        self._client.log_batch(run, metrics=[Metric(name, value, now, 0) for name, value in metrics.items()])


def together(parts: Sequence[Values]) -> Values:
    """The parameters and metrics of an experiment from those of its parts.

    Parameters that are not the same in all, such as seeds, are named with commas between; metrics are means.
    """
    params: dict[str, list[str]] = {}
    metrics: dict[str, list[float]] = {}
    for own_params, own_metrics in parts:
        for name, text in own_params.items():
            params.setdefault(name, []).append(text)
        for name, number in own_metrics.items():
            metrics.setdefault(name, []).append(number)
    return (
        {name: ", ".join(dict.fromkeys(texts))[:PARAM_CHARACTERS] for name, texts in params.items()},
        {name: sum(numbers) / len(numbers) for name, numbers in metrics.items()},
    )


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested parameters by dotted key, as text."""
    flat: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)[:PARAM_CHARACTERS]
    return flat


def stage_params(stage: Stage) -> dict[str, str]:
    """The parameters that the stage ran with, without the part of the key that says what it ran for."""
    flat: dict[str, str] = {}
    for key, value in stage.entry.get("params", {}).get(str(RESOLVED), {}).items():
        name = key.rpartition(".")[2]
        flat |= flatten(value) if isinstance(value, Mapping) else {name: str(value)}
    return flat


def stage_metrics(stage: Stage) -> dict[str, float]:
    """The finite numbers of the stage's metric files."""
    metrics = {}
    for path, role in stage.outs.items():
        for name, value in (read_json(path) if role == "metrics" else {}).items():
            if isinstance(value, int | float) and math.isfinite(value):
                metrics[name] = float(value)
    return metrics


def artifacts(path: Path) -> list[Path]:
    """The files of an output that a run keeps: small ones of the kinds that are looked at, and the model."""
    files = sorted(path.rglob("*")) if path.is_dir() and path.name != "recordings" else [path]
    return [
        f
        for f in files
        if f.is_file() and f.suffix in ARTIFACT_SUFFIXES and f.stat().st_size <= ARTIFACT_BYTES
    ]


def code_fingerprint(stage: Stage) -> str:
    """A fingerprint of the package's code that the stage ran with."""
    return json_digest(stage.entry.get("params", {}).get(str(CODE)))


def data_tags(stages: list[Stage]) -> dict[str, str]:
    """The data set's name and the MD5 by which DVC knows its features."""
    for stage in stages:
        if stage.kind == "features":
            return {"hcutal.dataset": stage.key, "hcutal.features": stage.entry["outs"][0]["md5"]}
    return {}


def git_tags() -> dict[str, str]:
    """The commit, and whether code or parameters were changed since; nothing outside of git."""
    try:
        commit = _git("rev-parse", "HEAD")
        dirty = bool(_git("status", "--porcelain", "--", *map(str, MATTERS)))
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"mlflow.source.git.commit": commit, "hcutal.git_dirty": str(dirty).lower()}


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@click.command(cls=Command)
@click.argument("experiment")
def main(experiment: str) -> None:
    """Put the state of EXPERIMENT into MLflow."""
    track(experiment)


if __name__ == "__main__":
    main()
