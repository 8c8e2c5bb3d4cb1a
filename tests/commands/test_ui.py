"""`hcutal ui`: where there is a browser with windows it opens the address that it prints."""

import socket
import webbrowser
from pathlib import Path

import pytest
from click.testing import CliRunner

from hcutal.addresses import LOOPBACK
from hcutal.cli import main
from hcutal.commands.browser import SIGNS, open_browser
from hcutal.pipeline.mlflow_log import mlflow_store, mlflow_view

ADDRESS = "http://127.0.0.1:5000/"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that browsers were to open; no sign of a browser as yet."""
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    monkeypatch.setattr("sys.platform", "linux")
    for name in SIGNS:
        monkeypatch.delenv(name, raising=False)
    return addresses


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project with runs in MLflow."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(mlflow_store, "experiment_id", lambda: "1")
    monkeypatch.setattr(mlflow_store, "open_store", lambda: (None, "1"))
    monkeypatch.setattr(mlflow_view, "arrange", lambda client, place: None)


def test_a_browser_is_opened_where_there_is_one_with_windows(
    opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_browser(ADDRESS)
    assert opened == []
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    open_browser(ADDRESS)
    assert opened == [ADDRESS]


def test_the_page_of_a_server_is_opened_or_only_said(
    stored: None, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://host:5000/")
    monkeypatch.setenv("DISPLAY", ":0")
    assert "open http://host:5000/#/experiments/1/" in CliRunner().invoke(main, ["ui", "--no-browser"]).output
    assert opened == []
    said = CliRunner().invoke(main, ["ui"]).output
    assert [f"open {address} (a server of its own)\n" for address in opened] == [said]


def test_a_port_that_something_else_has_is_refused(stored: None) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        said = CliRunner().invoke(main, ["ui", "--no-browser", "--port", str(other.getsockname()[1])])
    assert said.exit_code == 1
    assert "hcutal ui --port N" in said.output
