"""Where MLflow keeps the runs; a database of ours is made once, by one process."""

import os
import sqlite3
from typing import TYPE_CHECKING

from filelock import FileLock

from hcutal.layout import MLFLOW_ARTIFACTS, MLFLOW_DATABASE, MLFLOW_LOCK

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

EXPERIMENT = "hcutal"


def is_own() -> bool:
    """Whether the store is the project's own database."""
    return not os.environ.get("MLFLOW_TRACKING_URI")


def tracking_uri() -> str:
    """The store: `MLFLOW_TRACKING_URI`, or the project's own database."""
    return f"sqlite:///{MLFLOW_DATABASE.resolve()}" if is_own() else os.environ["MLFLOW_TRACKING_URI"]


def identity() -> str:
    """What tells this store from another one: its address, and for our own database which file it is."""
    if not is_own():
        return tracking_uri()
    return f"{MLFLOW_DATABASE} {MLFLOW_DATABASE.stat().st_ino}" if MLFLOW_DATABASE.exists() else "none"


def open_store() -> "tuple[MlflowClient, str]":
    """A client, and the id of the MLflow experiment that holds all runs; both are made if need be."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    MLFLOW_LOCK.parent.mkdir(parents=True, exist_ok=True)
    # Two processes that make the database at once both fail.
    with FileLock(MLFLOW_LOCK):
        from mlflow.tracking import MlflowClient

        client = MlflowClient(tracking_uri())
        found = client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return client, str(found.experiment_id)
        location = MLFLOW_ARTIFACTS.resolve().as_uri() if is_own() else None
        return client, str(client.create_experiment(EXPERIMENT, artifact_location=location))


def experiment_id() -> str | None:
    """The id of the experiment in the project's own database, read without MLflow; None before a run."""
    if not is_own() or not MLFLOW_DATABASE.exists():
        return None
    with sqlite3.connect(MLFLOW_DATABASE) as database:
        row = database.execute(
            "SELECT experiment_id FROM experiments WHERE name = ?", (EXPERIMENT,)
        ).fetchone()
    return str(row[0]) if row else None
