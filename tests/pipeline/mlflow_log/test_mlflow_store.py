"""The project's own MLflow database: made whole, put aside where it is broken, moved with the project."""

import contextlib
import json
import os
import shutil
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from hcutal.pipeline.mlflow_log import mlflow_store
from hcutal.pipeline.mlflow_log.mlflow_store import (
    StoreUnreachableError,
    experiment_id,
    open_store,
    prepare_own,
    writing,
)


@pytest.fixture
def project(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one run, which has an artifact."""
    folder = tmp_path / "before"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_store, folder)
    client, place = open_store()
    run = client.create_run(place).info.run_id
    (folder / "page.html").write_text("<p>found</p>")
    client.log_artifact(run, "page.html")
    return folder


def artifact(client: MlflowClient, place: str, target: Path) -> str:
    (run,) = client.search_runs([place])
    target.mkdir()
    return Path(client.download_artifacts(run.info.run_id, "page.html", str(target))).read_text()


@pytest.mark.parametrize("name", ["after", "with space and 100% of_it"])
def test_a_copied_project_has_its_own_runs_also_when_the_original_is_gone(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    copy = tmp_path / name
    shutil.copytree(project, copy)
    shutil.rmtree(project)
    copy_page = next(copy.glob("mlartifacts/**/page.html"))
    copy_page.write_text("<p>of the copy</p>")
    monkeypatch.chdir(copy)
    client, place = open_store()
    assert artifact(client, place, tmp_path / "fetched") == "<p>of the copy</p>"
    run = client.create_run(place)
    client.log_artifact(run.info.run_id, "page.html")
    assert not project.exists()
    with sqlite3.connect(copy / "mlflow.db") as database:
        assert str(project) not in "\n".join(database.iterdump())


def test_a_project_that_stays_is_left_alone(project: Path) -> None:
    before = (project / "mlflow.db").read_bytes()
    prepare_own()
    assert (project / "mlflow.db").read_bytes() == before


@pytest.mark.parametrize("damage", ["empty", "zeros", "garbage", "cut", "no tables", "a name"])
def test_a_broken_database_is_put_aside_and_made_anew(
    project: Path,
    damage: str,
    empty_store: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = project / "mlflow.db"
    content = path.read_bytes()
    if damage == "no tables":
        path.unlink()
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE registered_models (name TEXT)")
    elif damage == "a name":
        # Of a column, in the text that made the table.
        assert content.count(b"version_num") >= 1
        path.write_bytes(content.replace(b"version_num", b"versi\xffn_num"))
    else:
        path.write_bytes(
            {"empty": b"", "zeros": bytes(9000), "garbage": b"x" * 9000, "cut": content[:5000]}[damage]
        )
    # Making one takes seconds; what is made is tested by itself.
    monkeypatch.setattr(mlflow_store, "_make", lambda: shutil.copy(empty_store, path))
    assert experiment_id() is None
    # In a process of its own: MLflow keeps its connection to the file that was there.
    prepare_own()
    assert experiment_id() is not None
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    assert (project / "mlflow.db.broken").exists()
    assert "kept as mlflow.db.broken; all results are logged anew" in caplog.text


def test_many_broken_databases_are_kept_under_names_of_their_own(
    project: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mlflow_store, "_make", lambda: shutil.copy(empty_store, project / "mlflow.db"))
    for name in ("mlflow.db.broken", *(f"mlflow.db.broken-{number}" for number in range(2, 1000))):
        (project / name).touch()
    (project / "mlflow.db").write_bytes(b"")
    prepare_own()
    assert (project / "mlflow.db.broken-1000").exists()


def test_a_database_is_made_in_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def killed(uri: str, location: str | None) -> None:
        Path(uri.removeprefix("sqlite:///")).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(mlflow_store, "_open", killed)
    with pytest.raises(KeyboardInterrupt):
        prepare_own()
    assert not (tmp_path / "mlflow.db").exists()


def test_a_server_that_is_down_is_said_in_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setitem(mlflow_store.PATIENCE, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    for name in mlflow_store.PATIENCE:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(StoreUnreachableError, match=r"MLflow at http://127\.0\.0\.1:9 does not answer"):
        open_store()


class _SlowerAndSlower(BaseHTTPRequestHandler):
    """Answers who asks for the experiment, and everybody else two seconds later."""

    def do_GET(self) -> None:
        self._answer({"experiment": {"experiment_id": "7", "name": "hcutal"}})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(2)
        self._answer({"runs": []})

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Nothing on the terminal."""


def test_a_server_that_answered_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in mlflow_store.PATIENCE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(
        mlflow_store,
        "PATIENCE",
        {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "1"},
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), _SlowerAndSlower)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}")
        client, place = open_store()
        with writing():
            assert client.search_runs([place]) == []
        # As before, and so is a server that is slow where nothing is written.
        assert {name: os.environ[name] for name in mlflow_store.PATIENCE} == mlflow_store.PATIENCE
        with pytest.raises(MlflowException, match="timed out"):
            client.search_runs([place])
        # What a user set holds.
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "3")
        with writing():
            assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "3"
    finally:
        server.shutdown()
        server.server_close()
