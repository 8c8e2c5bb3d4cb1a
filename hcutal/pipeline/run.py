"""One run of the pipeline from the command line: recover from a crash, then let Snakemake do the work."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import psutil

from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.layout import HOLDER, PIPELINE, PROFILES, SNAKEMAKE_LOCKS, rule_name

PROFILE = PROFILES / "default"
WORKERS = ("hcutal.pipeline.run_stage", "hcutal.stages.", "repro --single-item")


def run_pipeline(
    experiments: Sequence[str], cores: str, dry_run: bool, say: Callable[[str], None], profile: Path = PROFILE
) -> int:
    """Run Snakemake on all or some experiments and return its exit status.

    A lock that a killed run left is removed. Raises `HcutalError` when a live run holds the folder.
    """
    _require_project()
    if not dry_run:
        _recover(say)
        write_json(HOLDER, {"pid": os.getpid(), "host": socket.gethostname()})
    targets = [rule_name("track", name) for name in experiments]
    command = [*_snakemake("--workflow-profile", str(profile), "--cores", cores), *targets]
    process = subprocess.Popen([*command, "--dry-run", "--quiet", "host"] if dry_run else command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # Snakemake got the signal as well: it stops its jobs, and we wait for that.
            continue


def _snakemake(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "snakemake", *arguments]


def _require_project() -> None:
    missing = [str(path) for path in PIPELINE if not path.exists()]
    if missing:
        raise HcutalError(f"{Path.cwd()}: no {', '.join(missing)}; run this in the project's folder")


def _recover(say: Callable[[str], None]) -> None:
    """Unlock after a crash; first wait for the stages that it left running."""
    if holders := _processes_here(("snakemake",)):
        pid, command = holders[0]
        raise HcutalError(
            f"process {pid} is running here ({command}); wait for its end, or stop it: kill {pid}"
        )
    if _is_locked():
        holder = _holder()
        host = holder.get("host", socket.gethostname())
        if host != socket.gethostname():
            raise HcutalError(
                f"{SNAKEMAKE_LOCKS}: held by process {holder['pid']} on {host}, which cannot be seen from here; "
                "if it is gone: snakemake --unlock"
            )
    _wait_for_orphans(say)
    if _is_locked():
        say("a run was killed here: removing its lock")
        subprocess.run(_snakemake("--unlock", "--quiet", "all"), check=True)


def _holder() -> dict[str, Any]:
    """Who held the folder last; nobody where that was damaged."""
    try:
        found = orjson.loads(HOLDER.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_locked() -> bool:
    return any(SNAKEMAKE_LOCKS.glob("*"))


def _wait_for_orphans(say: Callable[[str], None]) -> None:
    told = False
    while orphans := _processes_here(WORKERS):
        if not told:
            pids = " ".join(str(pid) for pid, _ in orphans)
            say(f"waiting for what a killed run left running: {orphans[0][1]} (to stop it: kill {pids})")
            told = True
        time.sleep(1)


def _processes_here(words: Sequence[str]) -> list[tuple[int, str]]:
    """(pid, command) of the live processes that work in this folder with one of `words` in the command."""
    here, mine = Path.cwd().resolve(), {os.getpid(), *(p.pid for p in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "cwd", "status"]):
        info = process.info
        command = " ".join(info["cmdline"] or [])
        is_live = info["status"] != psutil.STATUS_ZOMBIE and info["pid"] not in mine
        if is_live and info["cwd"] and Path(info["cwd"]) == here and any(word in command for word in words):
            found.append((int(info["pid"]), command))
    return found
