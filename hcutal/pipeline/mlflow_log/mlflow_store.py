"""Where MLflow keeps the runs: the project's own database, or the store that `MLFLOW_TRACKING_URI` names.

Our own database is made in one piece by one process, is put aside where it is broken, and follows the project when that
is moved or copied: MLflow stores addresses of artifacts as absolute ones.
"""

import contextlib
import itertools
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.layout import MLFLOW_ARTIFACTS, MLFLOW_DATABASE, MLFLOW_LOCK

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

EXPERIMENT = "hcutal"
# A server that does not answer must not cost minutes: MLflow's own patience is seven tries of two minutes.
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
# One that has answered is busy with others: what is being written to it is not left half done.
PATIENCE_WHILE_WRITING = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "5", "MLFLOW_HTTP_REQUEST_TIMEOUT": "60"}
# Read when MLflow is imported, which happens later: nobody is told that it is used.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
log = logging.getLogger(__name__)


class StoreUnreachableError(HcutalError):
    """The store does not answer; what was to be logged can be logged later."""


def is_own() -> bool:
    """Whether the store is the project's own database."""
    return not os.environ.get("MLFLOW_TRACKING_URI")


def tracking_uri() -> str:
    """The store: `MLFLOW_TRACKING_URI`, or the project's own database."""
    return _address(MLFLOW_DATABASE) if is_own() else os.environ["MLFLOW_TRACKING_URI"]


def identity() -> str:
    """What tells this store from another one: its address, and for our own database which file it is.

    One that is broken is none: what it held is logged anew.
    """
    if not is_own():
        return tracking_uri()
    if not MLFLOW_DATABASE.exists() or _problem(MLFLOW_DATABASE):
        return "none"
    return f"{MLFLOW_DATABASE} {MLFLOW_DATABASE.stat().st_ino}"


def open_store() -> "tuple[MlflowClient, str]":
    """A client, and the id of the MLflow experiment that holds all runs; both are made if need be.

    Raises `StoreUnreachableError` where a server does not answer.
    """
    for name, value in PATIENCE.items():
        os.environ.setdefault(name, value)
    if is_own():
        prepare_own()
    with _locked():
        return _open(tracking_uri(), None)


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """A block that writes to a store which has answered: a server that is slow now is waited for.

    Raises `StoreUnreachableError` for what goes wrong in another store than our own database.
    """
    before = dict(os.environ)
    for name, value in PATIENCE_WHILE_WRITING.items():
        # Another number is that of the user.
        if os.environ.get(name) in (None, PATIENCE[name]):
            os.environ[name] = value
    try:
        yield
    except Exception as error:
        if is_own():
            raise
        raise StoreUnreachableError(f"{tracking_uri()}: {first_line(error)}") from error
    finally:
        for name in PATIENCE_WHILE_WRITING:
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]


def prepare_own() -> None:
    """Make the project's own database ready: made where there is none or a broken one, and in its place."""
    with _locked():
        _prepare_own()


def _prepare_own() -> None:
    if MLFLOW_DATABASE.exists() and (problem := _problem(MLFLOW_DATABASE)):
        aside = _free_name(MLFLOW_DATABASE.with_name(f"{MLFLOW_DATABASE.name}.broken"))
        MLFLOW_DATABASE.rename(aside)
        log.warning(
            "%s: broken (%s), kept as %s; all results are logged anew", MLFLOW_DATABASE, problem, aside
        )
    if MLFLOW_DATABASE.exists():
        _follow_the_project()
    else:
        _make()


def experiment_id() -> str | None:
    """The id of the experiment in the project's own database, read without MLflow; None before a run."""
    if not is_own() or not MLFLOW_DATABASE.exists() or _problem(MLFLOW_DATABASE):
        return None
    with _connected(MLFLOW_DATABASE) as database:
        row = database.execute(
            "SELECT experiment_id FROM experiments WHERE name = ?", (EXPERIMENT,)
        ).fetchone()
    return str(row[0]) if row else None


def first_line(error: Exception) -> str:
    """What an error says, in one line of bounded length."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _open(uri: str, location: str | None) -> "tuple[MlflowClient, str]":
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient

    client = MlflowClient(uri)
    try:
        found = client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return client, str(found.experiment_id)
        try:
            return client, str(client.create_experiment(EXPERIMENT, artifact_location=location))
        except MlflowException:
            # Where another process, of another project, makes it at the same moment, it is there all the same.
            if (found := client.get_experiment_by_name(EXPERIMENT)) is None:
                raise
            return client, str(found.experiment_id)
    except MlflowException as error:
        raise StoreUnreachableError(f"MLflow at {uri} does not answer ({first_line(error)})") from error


def _make() -> None:
    """A new database under another name first: killed while it makes its tables, MLflow leaves one that never opens."""
    # Slow the first time, since MLflow goes through all of its versions.
    with atomic_path(MLFLOW_DATABASE) as temporary:
        _open(_address(temporary), _artifacts())


def _follow_the_project() -> None:
    """Put addresses below the folder where the project was before below the one where it is now."""
    with _connected(MLFLOW_DATABASE) as database:
        row = database.execute(
            "SELECT artifact_location FROM experiments WHERE name = ?", (EXPERIMENT,)
        ).fetchone()
        if row is None or row[0] == _artifacts() or not str(row[0]).startswith("file:"):
            return
        before, now = (text.removesuffix(f"/{MLFLOW_ARTIFACTS}") for text in (str(row[0]), _artifacts()))
        for table, column in _text_columns(database):
            database.execute(
                f'UPDATE "{table}" SET "{column}" = ? || substr("{column}", ?) WHERE "{column}" LIKE ? ESCAPE ?',
                (now, len(before) + 1, f"{_escaped(before)}/%", "\\"),
            )
        log.warning(
            "the project was at %s before: its runs and models in MLflow are now those of %s", before, now
        )


def _text_columns(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for _, column, kind, *_ in database.execute(f'PRAGMA table_info("{table}")').fetchall():
            if any(word in kind.upper() for word in ("CHAR", "TEXT")):
                yield table, column


def _escaped(text: str) -> str:
    for character in ("\\", "%", "_"):
        text = text.replace(character, f"\\{character}")
    return text


def _problem(path: Path) -> str | None:
    """Why a database cannot be used; None for one that can, or that another process is writing."""
    try:
        with _connected(path) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
            if not {"alembic_version", "experiments", "runs"} <= tables:
                return "tables are missing"
            database.execute("SELECT experiment_id, name, artifact_location FROM experiments").fetchall()
            # Their names may be damaged, too.
            list(_text_columns(database))
            versions = database.execute("SELECT count(*) FROM alembic_version").fetchone()[0]
            found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    # Damaged text is met when it is decoded.
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return None if "locked" in str(error) else str(error)
    return "its version is missing" if not versions else None if found == "ok" else str(found)


@contextlib.contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are kept when the block ends without an error."""
    database = sqlite3.connect(path)
    try:
        with database:
            yield database
    finally:
        database.close()


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """One process at a time: two that make the database at once both fail."""
    MLFLOW_LOCK.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(MLFLOW_LOCK):
        yield


def _address(path: Path) -> str:
    return f"sqlite:///{path.resolve()}"


def _artifacts() -> str:
    return MLFLOW_ARTIFACTS.resolve().as_uri()


def _free_name(path: Path) -> Path:
    """The path, or with a number behind it where it is taken."""
    others = (path.with_name(f"{path.name}-{number}") for number in itertools.count(2))
    return next(candidate for candidate in itertools.chain([path], others) if not candidate.exists())
