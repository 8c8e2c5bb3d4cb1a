"""Faults on purpose in a miniature project, and what must hold after the next run: shared by tests and the soak.

A run after a fault ends with the bytes of an unbroken run, the run after that has nothing to do, MLflow holds one
finished run a state, and no process is left.
"""

import contextlib
import hashlib
import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

import psutil

from tests.workflow.project import Project

RUN = ("hcutal.cli", "run", "--cores", "2")
RESULTS = ("data", "features", "results")
MADE = ("resolved.json", "code.json", "runs.json", "sources.json")
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "zeroed": lambda content: bytes(len(content)),
}
# The files of state, a pattern below the project's folder for each kind.
STATE = (
    *MADE,
    "dvc.lock",
    ".hcutal/inputs.json",
    ".hcutal/holder.json",
    ".hcutal/records/parameters.json",
    ".hcutal/records/train@*.json",
    ".hcutal/records/track@*.json",
    ".hcutal/records/compare.json",
    ".hcutal/executions/*/*.json",
    ".hcutal/plan.json",
    ".hcutal/jobs/*.json",
    ".hcutal/live/*.csv",
    ".snakemake/metadata/*",
    ".dvc/tmp/rwlock",
    ".dvc/cache/runs/*/*/*",
    ".dvc/cache/files/md5/??/*.dir",
    ".dvc/cache/files/md5/??/*[0-9a-f]",
    "mlflow.db",
    "data/*/annotations.json",
    "data/*/recordings/*",
    "features/*/features.json",
    "results/*/seed-0/train/model.safetensors",
    "results/*/seed-0/map/mapping.csv",
    "results/*/seed-0/propose/proposals.json",
    "results/*/seed-0/evaluate/metrics.json",
    "results/*/seed-0/report/report.html",
    "results/*/draws/*/map.csv",
    "results/*/summary/metrics.json",
    "results/*/summary/headline.json",
    "results/compare.csv",
)
# What the processes of a run are known by, the most special first.
ROLES = {
    "run_stage": "hcutal.pipeline.run_stage",
    "dvc": "repro --single-item",
    "tracking": "hcutal.pipeline.tracking",
    "compare": "hcutal.pipeline.compare",
    "stage": "code/",
    "snakemake": "snakemake",
    "hcutal": "hcutal.cli",
}


def fingerprint(folder: Path) -> dict[str, str]:
    """Digests of all that a run makes; of dvc.lock its lines, as entries stand in the order in which stages ended."""
    files = [path for name in RESULTS for path in sorted((folder / name).rglob("*")) if path.is_file()]
    contents = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    contents |= {name: (folder / name).read_bytes() for name in MADE}
    contents["dvc.lock"] = b"\n".join(sorted((folder / "dvc.lock").read_bytes().splitlines()))
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def finished_parents(store: Path) -> Counter[str]:
    """How many finished, undeleted parent runs MLflow's database holds of each state."""
    query = (
        "SELECT tags.value FROM tags JOIN runs USING (run_uuid) WHERE tags.key = 'hcutal.state' "
        "AND runs.status = 'FINISHED' AND runs.lifecycle_stage = 'active'"
    )
    with contextlib.closing(sqlite3.connect(store)) as database:
        return Counter(str(state) for (state,) in database.execute(query))


def processes_in(folder: Path) -> list[psutil.Process]:
    """The live processes that work in a folder."""
    found = []
    for process in psutil.process_iter(["cwd", "status"]):
        is_live = process.info["status"] != psutil.STATUS_ZOMBIE
        if is_live and process.info["cwd"] == str(folder.resolve()):
            found.append(process)
    return found


def role(process: psutil.Process) -> str:
    """What a process of a run is for."""
    command = " ".join(process.cmdline())
    return next((name for name, words in ROLES.items() if words in command), "other")


def settle(project: Project, expected: Mapping[str, str]) -> list[str]:
    """What is wrong after a run that nothing disturbs, and the run after it; nothing where all is as it must be."""
    run = project.attempt(*RUN)
    if run.returncode != 0:
        return [f"the run failed: {last_line(run.stdout)}"]
    return look(project, expected)


def look(project: Project, expected: Mapping[str, str]) -> list[str]:
    """What is wrong in a project after a run that succeeded, and with the run after it."""
    wrong = []
    found = fingerprint(project.folder)
    changed = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    if changed:
        wrong.append(f"other bytes than in an unbroken run: {', '.join(changed)}")
    project.executed()
    again = project.attempt(*RUN)
    if again.returncode != 0 or "Nothing to be done" not in again.stdout or project.executed():
        wrong.append("the next run had something to do")
    twice = [state for state, count in finished_parents(project.database).items() if count > 1]
    if twice or not finished_parents(project.database):
        wrong.append(f"{len(twice)} states have several finished parents in MLflow, or there is none")
    if left := [role(process) for process in processes_in(project.folder)]:
        wrong.append(f"processes are left: {', '.join(left)}")
    return wrong


def last_line(output: str) -> str:
    """The last line that says something."""
    return next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")


def damage(path: Path, kind: str) -> None:
    """Damage a file in place, as a power cut may; read-only files of the cache as well."""
    content = path.read_bytes()
    mode = path.stat().st_mode
    path.chmod(mode | 0o200)
    path.write_bytes(DAMAGES[kind](content))
    path.chmod(mode)


def files_of(folder: Path, pattern: str) -> list[Path]:
    """The files of a kind of state that hold something."""
    return sorted(path for path in folder.glob(pattern) if path.is_file() and path.stat().st_size)


def one_of(folder: Path, pattern: str, rng: Random) -> Path | None:
    """A file of a kind of state, drawn from those that hold something; None where there is none."""
    found = files_of(folder, pattern)
    return rng.choice(found) if found else None


class Killer:
    """Starts runs and kills processes of them at random moments; what was killed is in `killed`."""

    def __init__(self, project: Project, rng: Random, most_seconds: float) -> None:
        """most_seconds: the longest time from one kill to the next."""
        self._project, self._rng, self._most = project, rng, most_seconds
        self._run: subprocess.Popen[bytes] | None = None
        self.killed: Counter[str] = Counter()

    def kill(self, count: int, next_state: Callable[[], None]) -> None:
        """Kill `count` processes; a run that came to its end is followed by one of `next_state`."""
        until = self.killed.total() + count
        while self.killed.total() < until:
            if self._run is None or self._run.poll() is not None:
                if self._run is not None and self._run.returncode == 0:
                    next_state()
                self._run = self._project.start(*RUN)
            time.sleep(self._rng.uniform(0, self._most))
            self._kill_one()

    def _kill_one(self) -> None:
        alive = sorted(processes_in(self._project.folder), key=lambda process: process.pid)
        if not alive:
            return
        victim = self._rng.choice(alive)
        with contextlib.suppress(psutil.NoSuchProcess):
            name = role(victim)
            victim.send_signal(signal.SIGKILL)
            self.killed[name] += 1

    def wait(self) -> None:
        """Let the last run come to its end, whatever that is."""
        if self._run is not None:
            self._run.wait()


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own at `folder`, in memory; `PermissionError` where this machine lets nobody mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PermissionError(f"no tmpfs can be mounted here (that takes root): {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Fill the disk of a folder until `leave` bytes are free; returns the file that takes the room."""
    state = os.statvfs(folder)
    path = folder.parent / "filler"
    with path.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(state.f_bavail * state.f_frsize - leave, 1))
    return path


def used(folder: Path) -> int:
    """Bytes of the disk of a folder that are taken."""
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize
