"""Nobody is told that hcutal is used, and nobody is asked for newer versions."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.analytics import is_enabled
from dvc.updater import Updater

from hcutal.pipeline.new_project import copy_pipeline
from tests.workflow.project import ROOT, Project, make

CONNECTED = re.compile(r"connect\(\d+, \{sa_family=AF_INET6?, .*?\"([0-9a-f.:]+)\"")


def can_trace() -> bool:
    """Whether strace is there and may be used."""
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(
            ["strace", "-f", "--seccomp-bpf", "-o", os.devnull, "true"], capture_output=True, check=False
        ).returncode
        == 0
    )


@pytest.fixture
def frank(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of reports, as a user's."""
    for name in ("CI", "DO_NOT_TRACK", "DVC_TEST", "DVC_NO_ANALYTICS", "MLFLOW_DISABLE_TELEMETRY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("frank")
def test_dvc_is_told_so_by_every_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    copy_pipeline(project)
    for folder in (ROOT, project):
        monkeypatch.chdir(folder)
        assert not is_enabled() and not Updater(str(tmp_path)).is_enabled()
    (project / ".dvc/config").write_text("")
    assert is_enabled() and Updater(str(tmp_path)).is_enabled()


def test_mlflow_is_told_so_before_it_is_imported() -> None:
    code = "import {}, mlflow; from mlflow.telemetry import get_telemetry_client as client; assert client() is None"
    # What says that this is a test is left out: it would be told so by that.
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    asked = [[sys.executable, "-c", code.format(module)] for module in ("hcutal.pipeline.tracking", "os")]
    told, untold = (
        subprocess.run(command, env=environment, capture_output=True, check=False) for command in asked
    )
    assert told.returncode == 0, told.stderr.decode()
    assert b"AssertionError" in untold.stderr


@pytest.mark.skipif(not can_trace(), reason="needs strace, and the right to use it")
@pytest.mark.usefixtures("frank")
def test_snakemake_and_dvc_connect_to_nobody(tmp_path: Path) -> None:
    make(tmp_path)
    project, trace = Project(tmp_path, None), tmp_path / "trace.log"
    command = [sys.executable, "-m", "snakemake", "-c1", "prepare_toy"]
    traced = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect", "-o", str(trace), *command]
    done = subprocess.run(
        traced,
        cwd=tmp_path,
        env=project.environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(CONNECTED.findall(trace.read_text())) <= {"127.0.0.1", "::1"}
