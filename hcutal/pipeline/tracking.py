"""MLflow written from the state: a run for an experiment, below it one for each seed, below these the stages.

The stages of the data and the summary stand below the experiment itself. Each seed has a model.

Written from dvc.lock and the files, so that a stage restored from the cache is logged like one that ran. A
finished run tagged with the state means that it is logged already.

`python -m hcutal.pipeline.tracking EXPERIMENT`
"""

import logging
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hcutal.entry import Command
from hcutal.errors import HcutalError
from hcutal.jobs import job
from hcutal.layout import GRAPH, LABELS, LOGS, PARAMS, SNAKEFILE
from hcutal.params.document import load
from hcutal.pipeline.graph import TRIES, TRY_SECONDS, Stage, read_graph, stages_of, state_of
from hcutal.pipeline.mlflow_log.live import remove_live
from hcutal.pipeline.mlflow_log.mlflow_store import StoreUnreachableError, identity, open_store, writing
from hcutal.pipeline.mlflow_log.mlflow_view import arrange
from hcutal.pipeline.mlflow_log.run_logger import PARENT, STATE, Logger
from hcutal.pipeline.records import track_name, write_record
from hcutal.pipeline.synchronise import tracked

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

# What a run follows from: its own outputs, and dvc.lock, are no reason to call it changed.
MATTERS = (PARAMS, LABELS, GRAPH, SNAKEFILE, Path("workflow"), Path("hcutal"))
log = logging.getLogger(__name__)


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
        reached = tracked(stages, identity())
        if reached is None:
            text = "%s: in MLflow as dvc.lock has it; parameters or code changed meanwhile, which the next run takes up"
            log.warning(text, experiment)
        write_record(track_name(experiment), reached)


def _log(experiment: str, stages: list[Stage]) -> None:
    client, place = open_store()
    state = state_of(stages)
    with writing():
        arrange(client, place)
        if not _is_logged(client, place, state):
            Logger(client, place, experiment, load(), git_tags()).log(stages, state)
        remove_live(client, place, {stage.run for stage in stages if stage.run})


def _intact_stages(experiment: str) -> list[Stage]:
    """The stages of the experiment; those missing are looked up again, as another stage may write dvc.lock just now."""
    for attempt in range(TRIES):
        stages = stages_of(read_graph(experiments=[experiment]), experiment)
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
    name = track_name(experiment)
    with job(name, LOGS / f"{name}.log"):
        track(experiment)


if __name__ == "__main__":
    main()
