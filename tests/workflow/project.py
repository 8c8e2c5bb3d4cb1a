"""A miniature project: the real rules and graph of stages, with stand-ins for what the stages compute."""

import contextlib
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from ruamel.yaml import YAML

from hcutal.layout import execution

ROOT = Path(__file__).resolve().parents[2]
PARAMS = """\
datasets:
  toy: {kind: simulated}
presets:
  default: {}
experiments:
  a: {dataset: toy, supervision: unsupervised, train: {steps: 10}}
  b: {dataset: toy, supervision: weak, train: {steps: 20}}
"""
STAGES = ("prepare", "features", "train", "map", "propose", "evaluate", "report", "summary")


class Project:
    """A folder with a miniature project, and the commands that tests run in it."""

    def __init__(self, folder: Path, store: Path | None) -> None:
        """store: the database of MLflow; None for the project's own."""
        self.folder, self.store = folder, store
        outside = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
        self.environment = {
            **outside,
            **({"MLFLOW_TRACKING_URI": f"sqlite:///{store}"} if store else {}),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }

    @property
    def database(self) -> Path:
        """Where MLflow keeps the runs."""
        return self.store or self.folder / "mlflow.db"

    def attempt(self, *command: str, seconds: float = 1200) -> "subprocess.CompletedProcess[str]":
        """Run `python -m COMMAND`, however it ends; its output and its errors are in `stdout`."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )

    def run(self, *command: str, ok: bool = True) -> str:
        """Run `python -m COMMAND`; its output. `ok` says whether it must succeed."""
        done = self.attempt(*command)
        assert (done.returncode == 0) == ok, done.stdout
        return done.stdout

    def stages(self, *arguments: str, ok: bool = True) -> str:
        """Snakemake on the stages alone: MLflow and the table take time, and have tests of their own."""
        return self.run(
            "snakemake", "-c2", "report_a_0", "report_b_0", "summary_a", "summary_b", *arguments, ok=ok
        )

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start `python -m COMMAND` as a process group of its own."""
        with (self.folder / "started.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def piped(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start `python -m COMMAND` with its output and its errors in a pipe."""
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @contextlib.contextmanager
    def terminal(self, *command: str) -> Iterator[Callable[[], str]]:
        """Run `python -m COMMAND` in a terminal of 80 columns; gives what it shows so far, without colours."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env={**self.environment, "TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        os.set_blocking(ours, False)
        text = b""

        def seen() -> str:
            nonlocal text
            with contextlib.suppress(OSError):
                while more := os.read(ours, 1 << 16):
                    text += more
            return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.decode(errors="replace"))

        try:
            yield seen
            assert process.wait(timeout=120) == 0, seen()
        finally:
            process.kill()
            process.wait()
            os.close(ours)

    def executed(self) -> list[str]:
        """The stages that ran since this was asked last."""
        log = self.folder / "executed.log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return sorted(line.split()[0] for line in lines)

    def took(self, stage: str) -> dict[str, Any]:
        """What is kept of the execution that made the present state of a stage."""
        record = json.loads((self.folder / ".hcutal/records" / f"{stage}.json").read_text())
        return dict(json.loads((self.folder / execution(record["fingerprint"])).read_text()))

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


def make(folder: Path) -> None:
    """Lay out a miniature project, under git."""
    shutil.copy(ROOT / "Snakefile", folder)
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    shutil.copy(ROOT / ".dvcignore", folder)
    shutil.copy(ROOT / "hcutal/project/gitignore", folder / ".gitignore")
    with (folder / ".gitignore").open("a") as ignore:
        ignore.write("*.log\nhold-*\n")
    (folder / ".dvc").mkdir()
    for name in ("config", ".gitignore"):
        shutil.copy(ROOT / ".dvc" / name, folder / ".dvc")
    (folder / "params.yaml").write_text(PARAMS)
    YAML().dump(stand_in(YAML(typ="safe").load(ROOT / "dvc.yaml")), folder / "dvc.yaml")
    (folder / "labels").mkdir()
    (folder / "labels/README.md").write_text("Names of clusters.\n")
    (folder / "code").mkdir()
    for stage in STAGES:
        shutil.copy(Path(__file__).parent / "standin.py", folder / "code" / f"{stage}.py")
    git(folder, "init", "--quiet")
    commit(folder)


def stand_in(document: dict[str, Any]) -> dict[str, Any]:
    """The real dvc.yaml with a stand-in for the code of each stage."""
    for name, stage in document["stages"].items():
        body = stage.get("do", stage)
        if name != "parameters":
            body["deps"] = [*body.get("deps", []), f"code/{name}.py"]
            body["cmd"] = body["cmd"].replace(f"-m hcutal.stages.{name}", f"code/{name}.py")
    return document


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "state")


def kill(process: "subprocess.Popen[bytes]", stages: bool) -> None:
    """Kill -9 a run that a test started; `stages` says whether the stages that it runs die as well."""
    family = [process.pid, *(p.pid for p in psutil.Process(process.pid).children(recursive=True))]
    for pid in family if stages else family[:2]:
        os.kill(pid, signal.SIGKILL)
    process.wait()


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Until something is so; `AssertionError` where it takes longer."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)
