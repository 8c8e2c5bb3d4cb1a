"""The same runs and views where MLflow is a server of its own, on SQLite and on PostgreSQL.

PostgreSQL is started here where it is installed (Debian: postgresql) with a driver (the extra `postgresql`).
Root starts it as the user postgres.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.pipeline import tracking
from hcutal.pipeline.mlflow_log.mlflow_store import open_store
from hcutal.pipeline.mlflow_log.mlflow_view import view_tags
from tests.pipeline.tracked import PARAMS, lay_out, stages

PATIENCE = 120.0
TOGETHER = [f"e{number}" for number in range(8)]
USER = "postgres"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, empty_store: Path, tmp_path: Path) -> Iterator[str]:
    """Where a server keeps its runs."""
    if request.param == "sqlite":
        shutil.copy(empty_store, tmp_path / "server.db")
        yield f"sqlite:///{tmp_path}/server.db"
        return
    pytest.importorskip("psycopg2", reason="needs the extra 'postgresql': psycopg2")
    programs = {name: _program(name) for name in ("initdb", "postgres")}
    # The folders of tests are closed to other users.
    with tempfile.TemporaryDirectory() as folder:
        user = USER if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        data = ["-D", f"{folder}/data"]
        make = [programs["initdb"], *data, "-A", "trust", "-U", USER, "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, user=user, cwd=folder)
        port = _free_port()
        run = [programs["postgres"], *data, "-p", str(port), "-h", "127.0.0.1", "-k", folder]
        # Asked to quit it ends at once, and leaves nothing behind.
        with _started(run, Path(folder, "log"), signal.SIGQUIT, user):
            _wait_for_port(port)
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        pytest.skip(f"PostgreSQL is not installed: no {name}")
    return path


@pytest.fixture
def server(store: str, tmp_path: Path) -> Iterator[str]:
    """A server's address."""
    port = _free_port()
    where = ["--backend-store-uri", store, "--artifacts-destination", str(tmp_path / "kept")]
    command = [sys.executable, "-m", "mlflow", "server", *where, "--port", str(port), "--workers", "1"]
    log = tmp_path / "server.log"
    with _started(command, log, signal.SIGKILL):
        address = f"http://127.0.0.1:{port}"
        _wait_for_answer(address, log)
        yield address


@contextlib.contextmanager
def _started(command: list[str], log: Path, end: signal.Signals, user: str | None = None) -> Iterator[None]:
    """A process with all that it starts, ended by a signal."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, user=user, cwd=log.parent, start_new_session=True
        )
    try:
        yield
    finally:
        os.killpg(process.pid, end)
        process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for_port(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens at {port}")


def _wait_for_answer(address: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/health"):
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text())


def test_a_server_has_the_same_runs_and_views_and_each_once(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    lay_out(folder, average_map=0.75)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setattr(tracking, "read_graph", dict)
    monkeypatch.setattr(tracking, "stages_of", lambda graph, experiment: stages())
    tracking.track("a")
    tracking.track("a")
    client, place = open_store()
    experiment = client.get_experiment(place)
    assert view_tags(experiment.creation_time).items() <= experiment.tags.items()
    (parent,) = client.search_runs(
        [place], "tags.`hcutal.state` != ''", order_by=["metrics.average_mAP DESC"]
    )
    assert len(client.search_runs([place])) == 9
    assert parent.data.metrics["average_mAP"] == 0.75
    assert parent.data.params["train.steps"] == "2"
    assert parent.inputs.dataset_inputs[0].dataset.name == "toy"
    page = client.download_artifacts(parent.info.run_id, "report.html", str(tmp_path))
    assert "of all seeds" in Path(page).read_text()
    said = CliRunner().invoke(main, ["ui", "--no-browser"]).output
    assert f"open {server}/#/experiments/{place}/runs?" in said
    # The project's own database is left alone.
    assert not (folder / "mlflow.db").exists()


def test_experiments_that_are_put_there_at_once_lose_no_run(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    spawn = multiprocessing.get_context("spawn")
    started = [spawn.Process(target=_track, args=(tmp_path / name, name)) for name in TOGETHER]
    for process in started:
        process.start()
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0] * len(TOGETHER)
    client, place = open_store()
    runs = client.search_runs([place])
    assert len(runs) == 9 * len(TOGETHER)
    assert {run.info.status for run in runs} == {"FINISHED"}
    parents = client.search_runs([place], "tags.`hcutal.state` != ''")
    assert sorted(run.data.tags["hcutal.experiment"] for run in parents) == TOGETHER


def _track(folder: Path, name: str) -> None:
    """Put an experiment into the server from a process, and a project, of its own."""
    folder.mkdir()
    lay_out(folder, name, average_map=0.75)
    (folder / "params.yaml").write_text(PARAMS.replace("  a:", f"  {name}:"))
    os.chdir(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracking, "read_graph", dict)
        patch.setattr(tracking, "stages_of", lambda graph, experiment: stages(experiment=name))
        tracking.track(name)
