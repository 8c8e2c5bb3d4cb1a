"""What of an experiment's state goes where in MLflow: runs, their numbers, parameters, times, files and models."""

import csv
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hcutal.errors import HcutalError
from hcutal.files import json_digest
from hcutal.layout import CODE, RunPaths, SummaryPaths, split_run
from hcutal.params.document import Document
from hcutal.pipeline.executions import Execution, execution_of
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.mlflow_log.live import log_points, points
from hcutal.pipeline.mlflow_log.mlflow_view import INTERVAL, file_link, model_link
from hcutal.pipeline.mlflow_log.model_registry import ADDRESS, example_of, files_of, register
from hcutal.pipeline.mlflow_log.run_data import data_inputs, data_tags
from hcutal.pipeline.mlflow_log.run_notes import LEADING, NOTE, compared_note, interval, stage_note
from hcutal.pipeline.mlflow_log.run_values import (
    Values,
    compared_params,
    headlines,
    sections_of,
    shown,
    stage_metrics,
    stage_params,
    together,
)

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

STATE = "hcutal.state"
PARENT = "mlflow.parentRunId"
# All parameters of an experiment or a run, by section.
PARAMETERS_FILE = "parameters.json"
ARTIFACT_BYTES = 50_000_000
# Features and recordings are DVC's; a run holds what is looked at and the model.
ARTIFACT_SUFFIXES = {".json", ".csv", ".html", ".png", ".svg", ".safetensors"}
TAG_CHARACTERS = 500
log = logging.getLogger(__name__)


class Logger:
    """Writes one state of one experiment."""

    def __init__(
        self, client: "MlflowClient", place: str, experiment: str, document: Document, tags: Mapping[str, str]
    ) -> None:
        """`place` is the id of the MLflow experiment, `document` what params.yaml says now, `tags` of every run."""
        self._client = client
        self._place = place
        self._experiment = experiment
        self._document = document
        self._tags = {"hcutal.experiment": experiment, **tags}
        # Of the first run that can be applied.
        self._model: str | None = None

    def log(self, stages: list[Stage], state: str) -> None:
        """Log the experiment in `state` with the means of its runs, and below it all that it is made of."""
        span = Span.of(stages)
        tags = {STATE: state, **data_tags(stages)}
        parent = self._start(self._experiment, tags, span)
        by_run: dict[str | None, list[Stage]] = {}
        for stage in stages:
            by_run.setdefault(stage.run, []).append(stage)
        shared = by_run.pop(None, [])
        for stage in shared:
            self._log_stage(stage, parent)
        runs = sorted((run for run in by_run if run), key=split_run)
        params, metrics = together([self._log_run(run, by_run[run], shared, parent) for run in runs])
        # The summary has the interval over the seeds: it is not the mean of theirs.
        metrics = {name: value for name, value in metrics.items() if not name.endswith(("/low", "/high"))}
        for stage in shared:
            metrics |= stage_metrics(stage)
        summary = SummaryPaths.of(self._experiment)
        self._log_compared(parent, params, metrics, stages, summary.page, self._model)
        self._log_files(parent, [summary.page, summary.table])
        sections = {run: sections_of([*shared, *by_run[run]]) for run in runs}
        self._client.log_dict(parent, sections, PARAMETERS_FILE)
        if self._model:
            self._client.set_tag(parent, ADDRESS, self._model)
        # Last of all: a finished parent means that the state is logged.
        self._end(parent, span)

    def _log_run(self, name: str, own: list[Stage], shared: list[Stage], parent: str) -> Values:
        """Log one run of the experiment, with its `own` stages; returns what it is compared by."""
        span, seed = Span.of(own), split_run(name)[1]
        run = self._start(name, {PARENT: parent, "hcutal.run": name, "hcutal.seed": str(seed)}, span)
        metrics: dict[str, float] = {}
        for stage in own:
            self._log_stage(stage, run)
            metrics |= stage_metrics(stage) | training_time(stage)
        stages = [*shared, *own]
        sections = sections_of(stages)
        params = compared_params(sections, seed, self._document)
        files = RunPaths.of(name)
        self._log_files(run, [files.page, files.mapping, files.per_class])
        self._client.log_dict(run, sections, PARAMETERS_FILE)
        model = self._register(stages, run, name)
        self._log_compared(run, params, metrics, stages, files.page, model)
        self._end(run, span)
        return params, metrics

    def _log_compared(
        self,
        run: str,
        params: Mapping[str, str],
        metrics: Mapping[str, float],
        stages: Sequence[Stage],
        page: Path,
        model: str | None,
    ) -> None:
        """Log what an experiment or a run is compared by, its data set, and what it says of itself."""
        self._log_values(run, params, shown(headlines(metrics)))
        self._log_data(run, stages)
        links = {"Page": file_link(self._place, run, page.name)} | (
            {"model": model_link(model)} if model else {}
        )
        self._client.set_tag(run, NOTE, compared_note(params, metrics, page, links))
        if ends := interval(LEADING, metrics):
            self._client.set_tag(run, INTERVAL, ends)

    def _log_data(self, run: str, stages: Sequence[Stage]) -> None:
        """Log the data set as an input of the run.

        Of two processes that name a new one at the same moment a database refuses the second, for which it is there
        then.
        """
        from mlflow.exceptions import MlflowException

        if inputs := data_inputs(stages, "training"):
            try:
                self._client.log_inputs(run, inputs)
            except MlflowException:
                self._client.log_inputs(run, inputs)

    def _log_files(self, run: str, paths: Iterable[Path]) -> None:
        for path in paths:
            if path.is_file() and path.stat().st_size <= ARTIFACT_BYTES:
                self._client.log_artifact(run, str(path))

    def _start(self, name: str, tags: Mapping[str, str], span: "Span") -> str:
        made = self._client.create_run(self._place, span.start, {**self._tags, **tags}, name)
        return str(made.info.run_id)

    def _end(self, run: str, span: "Span") -> None:
        self._client.set_terminated(run, "FINISHED", end_time=span.end)

    def _register(self, stages: list[Stage], run: str, name: str) -> str | None:
        """Put the run into the registry; the address of its model.

        A state whose run cannot be applied is tracked all the same, and says so.
        """
        from mlflow.exceptions import MlflowException

        try:
            files, example = files_of(stages, name), example_of(stages)
            address = register(self._client, run, files, example)
            self._client.set_tag(run, ADDRESS, address)
            self._model = self._model or address
            return address
        except (HcutalError, MlflowException) as error:
            log.warning("%s: tracked without a model: %s", name, error)
            self._client.set_tag(run, f"{ADDRESS}_missing", str(error)[:TAG_CHARACTERS])
            return None

    def _log_stage(self, stage: Stage, parent: str) -> None:
        """Log a nested run for a stage: all its parameters and numbers, its files, and what it took."""
        execution = execution_of(stage.fingerprint)
        known = {"hcutal.device": execution.device, "hcutal.machine": execution.machine}
        tags = {
            PARENT: parent,
            NOTE: stage_note(execution),
            "hcutal.stage": stage.kind,
            "hcutal.fingerprint": stage.fingerprint,
            "hcutal.code": code_fingerprint(stage),
            "hcutal.execution": execution.status,
            **{name: text for name, text in known.items() if text},
        }
        span = Span.of([stage])
        run = self._start(stage.name, tags, span)
        # By the stage, so that the list of experiments is not sorted among by those of their stages.
        metrics = {f"{stage.kind}/{name}": value for name, value in stage_metrics(stage).items()}
        self._log_values(run, stage_params(stage), metrics | execution_metrics(execution))
        for path, role in stage.outs.items():
            if role == "plots":
                with Path(path).open(newline="") as stream:
                    rows = csv.DictReader(stream)
                    # What is plotted over something else than steps is a file to look at.
                    if "step" in (rows.fieldnames or ()):
                        log_points(self._client, run, points(rows))
            for file in artifacts(Path(path)):
                folder = file.relative_to(Path(path).parent).parent
                self._client.log_artifact(run, str(file), str(folder) if folder != Path() else None)
        self._end(run, span)

    def _log_values(self, run: str, params: Mapping[str, str], metrics: Mapping[str, float]) -> None:
        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)
        entries = [Param(name, value) for name, value in params.items()]
        for start in range(0, len(entries), 100):
            self._client.log_batch(run, params=entries[start : start + 100])
        self._client.log_batch(run, metrics=[Metric(name, value, now, 0) for name, value in metrics.items()])


@dataclass(frozen=True)
class Span:
    """When a run began and ended, in ms since 1970; None is the moment of logging."""

    start: int | None
    end: int | None

    @classmethod
    def of(cls, stages: Iterable[Stage]) -> "Span":
        """The end is that of the last of the stages, the duration what they took, added up.

        Between the stages of an experiment there may be days: some are restored, others made anew.
        """
        known = [execution_of(stage.fingerprint) for stage in stages]
        times = [(found.ended, found.seconds) for found in known if found.ended and found.seconds is not None]
        if not times:
            return cls(None, None)
        end = max(ended for ended, _ in times)
        return cls(int((end - sum(seconds for _, seconds in times)) * 1000), int(end * 1000))


def training_time(stage: Stage) -> dict[str, float]:
    """How long training took, where the stage is it and that is known."""
    seconds = execution_of(stage.fingerprint).seconds
    return {"training_seconds": round(seconds, 1)} if stage.kind == "train" and seconds is not None else {}


def execution_metrics(execution: Execution) -> dict[str, float]:
    """What is known of what an execution took."""
    names = ("seconds", "cpu_seconds", "peak_memory_mb", "peak_gpu_memory_mb")
    return {f"execution/{name}": value for name in names if (value := getattr(execution, name)) is not None}


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
