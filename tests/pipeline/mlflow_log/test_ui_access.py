"""Who may ask the server of `hcutal ui`: this machine, and pages that it served itself."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from tests.pipeline.mlflow_log.test_tracking_server import _free_port, _wait_for_answer

SEARCH = "/ajax-api/2.0/mlflow/experiments/search"


@pytest.fixture(scope="module")
def ui(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Process and port of a server."""
    folder, port = tmp_path_factory.mktemp("ui"), _free_port()
    shutil.copy(empty_store, folder)
    command = [sys.executable, "-m", "hcutal.cli", "ui", "--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    with (folder / "ui.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for_answer(f"http://127.0.0.1:{port}", folder / "ui.log")
        yield process.pid, port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def status(port: int, path: str, body: str | None = None, **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        method = "GET" if body is None else "POST"
        connection.request(method, path, body, {"Content-Type": "application/json", **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_listens_on_this_machine_alone(ui: tuple[int, int]) -> None:
    server = psutil.Process(ui[0])
    family = [server, *server.children(recursive=True)]
    listening = {each.laddr.ip for one in family for each in one.net_connections() if each.status == "LISTEN"}
    assert listening == {"127.0.0.1"}


def test_another_host_and_another_origin_are_refused(ui: tuple[int, int]) -> None:
    port = ui[1]
    own = f"http://127.0.0.1:{port}"
    assert status(port, f"{SEARCH}?max_results=1") == 200
    assert status(port, SEARCH, '{"max_results": 1}', Origin=own) == 200
    for path in ("/", f"{SEARCH}?max_results=1", "/get-artifact?path=x&run_uuid=y"):
        assert status(port, path, Host="evil.example") == 403, path
    for path in (SEARCH, "/ajax-api/2.0/mlflow/experiments/delete", "/ajax-api/2.0/mlflow/runs/create"):
        assert status(port, path, "{}", Origin="http://evil.example") == 403, path


def test_its_pages_do_not_report_who_uses_them(ui: tuple[int, int]) -> None:
    connection = HTTPConnection("127.0.0.1", ui[1], timeout=60)
    connection.request("GET", "/ajax-api/3.0/mlflow/ui-telemetry")
    assert b'"disable_ui_telemetry":true' in connection.getresponse().read()
    connection.close()
