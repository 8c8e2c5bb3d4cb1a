"""One run of the pipeline from the command line: hold the folder, recover from a crash, let Snakemake do the work."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import orjson
import psutil
from filelock import FileLock, Timeout
from ruamel.yaml import YAML

from hcutal.cores import cpu_count
from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.jobs import forget_jobs
from hcutal.layout import (
    HOLDER,
    PIPELINE,
    PLAN,
    PROFILES,
    RUN_LOCK,
    SNAKEMAKE_LOCKS,
    SNAKEMAKE_LOG,
    is_run,
    rule_name,
)
from hcutal.pipeline.display import open_display, without_reader
from hcutal.pipeline.leftovers import remove_cut_locks, remove_partial_copies
from hcutal.pipeline.orphaned_jobs import cancel_orphans
from hcutal.pipeline.outlook import estimate_text, plan_text
from hcutal.pipeline.records import TARGETS
from hcutal.pipeline.room import full_disk
from hcutal.pipeline.run_state import RunState

PROFILE = PROFILES / "default"
JOB = "--mode remote"
WORKERS = ("hcutal.pipeline.run_stage", "hcutal.stages.", "repro --single-item")
# What ends a run; each of them ends all that it started.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 5.0
# For Snakemake to take back the jobs that it submitted elsewhere.
CANCEL_SECONDS = 45.0
# A status from here on says which signal it was.
FIRST_SIGNAL = 128
Say = Callable[[str], None]


def run_pipeline(names: Sequence[str], cores: str, dry_run: bool, say: Say, profile: Path = PROFILE) -> int:
    """Run Snakemake on all or some experiments, and return its exit status; 128 and the signal where one ended it.

    Among the names may be runs (`watch.0`) and stages (`prepare@watch`), which are brought up to date alone.

    A dry run says what would run and why; with the profile of a Kubernetes it leaves the jobs for people to look at.

    What a killed run left is cleared away first. Raises `HcutalError` when a live run holds the folder.
    """
    require_project()
    if dry_run:
        _say_what_would_run(names, cores, say, profile)
        return 0
    targets = [_target(name) for name in names]
    elsewhere = submits(profile)
    # Of jobs elsewhere stages.yaml says how many cores they have: those of this machine are no measure.
    of_cores = [] if elsewhere and cores == "all" else ["--cores", cores]
    command = [*_snakemake("--workflow-profile", str(profile), *of_cores), *targets]
    with _held() as before:
        _recover(before, say, elsewhere)
        forget_jobs()
        PLAN.unlink(missing_ok=True)
        with open_display(RunState(names, cores_of(cores))) as display:
            status = _run_whole_tree(command, targets, display.update, elsewhere)
            if status < FIRST_SIGNAL:
                display.conclude(status)
    if status > FIRST_SIGNAL and status != FIRST_SIGNAL + signal.SIGPIPE:
        say("interrupted; run again to go on")
    if status and (problem := full_disk()):
        say(problem)
    return status


def _say_what_would_run(names: Sequence[str], cores: str, say: Say, profile: Path) -> None:
    # DVC is slow to import; a run leaves that to Snakemake.
    from hcutal.pipeline.graph import read_graph
    from hcutal.pipeline.job_resources import job_resources
    from hcutal.pipeline.kubernetes.rendered_jobs import write_jobs
    from hcutal.pipeline.plan import make_plan

    graph = read_graph()
    steps = make_plan(graph, names)
    say(plan_text(steps))
    if not steps:
        return
    say(estimate_text(steps, cores_of(cores)))
    settings = settings_of(profile)
    if settings.get("executor") == "hcutal-kubernetes":
        say(write_jobs([graph[step.stage] for step in steps], job_resources(), settings, Path.cwd()))


def _target(name: str) -> str:
    """The Snakemake rule that brings a stage, a run or an experiment up to date."""
    return rule_name(name) if "@" in name else rule_name("report" if is_run(name) else "track", name)


def cores_of(text: str) -> int:
    """How many cores `--cores` means on this machine."""
    return cpu_count() if text == "all" else max(int(text), 1) if text.isdecimal() else 1


def submits(profile: Path) -> bool:
    """Whether a profile runs jobs elsewhere, as on a cluster."""
    return bool(settings_of(profile).get("executor", "local") != "local")


def settings_of(profile: Path) -> dict[str, Any]:
    """What a profile says to Snakemake; nothing where there is none."""
    for name in ("config.v8+.yaml", "config.yaml"):
        if (profile / name).exists():
            found = YAML(typ="safe").load(profile / name)
            return found if isinstance(found, dict) else {}
    return {}


def _run_whole_tree(
    command: Sequence[str], targets: Sequence[str], update: Callable[[], None], elsewhere: bool
) -> int:
    """Run a command, and `update` what people see of it; a signal ends it with all that it started, within seconds.

    So does an output that nobody reads any more (`hcutal run | head`): Snakemake would wait for ever. Where it submits
    jobs it is interrupted first, since by that it takes them back; by other signals it waits for them, or leaves them.
    targets: those of its arguments that are rules.
    """
    caught: list[int] = []

    def catch(number: int, frame: FrameType | None) -> None:
        caught.append(number)

    before = {number: signal.signal(number, catch) for number in SIGNALS}
    try:
        # A group of its own: a terminal's Ctrl-C is for us, and we end what there is.
        process = _start(command, targets)
        _write_holder(process.pid)
        while not caught:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(0.2)
            if without_reader(update) or _nobody_reads():
                caught.append(signal.SIGPIPE)
        if elsewhere:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(CANCEL_SECONDS)
        end_tree(process.pid)
        process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return FIRST_SIGNAL + caught[0]


def _start(command: Sequence[str], targets: Sequence[str] = ()) -> "subprocess.Popen[bytes]":
    """Start Snakemake, for some rules or all, whose words go to its log: what there is to be told, the jobs tell."""
    SNAKEMAKE_LOG.parent.mkdir(parents=True, exist_ok=True)
    with SNAKEMAKE_LOG.open("wb") as log:
        return subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, TARGETS: " ".join(targets)},
            start_new_session=True,
        )


def _nobody_reads() -> bool:
    """Whether the reader of our output or of our errors is gone."""
    outputs = select.poll()
    for descriptor in (1, 2):
        outputs.register(descriptor, 0)
    return any(event & select.POLLERR for _, event in outputs.poll(0))


def end_tree(pid: int) -> None:
    """End a process and all that it started: asked first, after some seconds killed."""
    try:
        root = psutil.Process(pid)
        family = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    # The root first, so that it starts nothing in the place of what has ended.
    for process in reversed(family):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(family, timeout=GRACE_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _snakemake(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "snakemake", *arguments]


def require_project() -> None:
    """Raise `HcutalError` where the present folder is none of a project, with the project that it is in."""
    missing = [str(path) for path in PIPELINE if not path.exists()]
    if not missing:
        return
    above = next(
        (folder for folder in Path.cwd().parents if all((folder / p).exists() for p in PIPELINE)), None
    )
    hint = (
        f"; this is a folder of the project {above}: run this there"
        if above
        else "; run this in the project's folder"
    )
    raise HcutalError(f"{Path.cwd()}: no {', '.join(missing)}{hint}")


@contextlib.contextmanager
def _held() -> Iterator[dict[str, Any]]:
    """Hold the folder, and say who held it before; the hold ends with this process, however it ends."""
    RUN_LOCK.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(RUN_LOCK, timeout=0):
            before = _holder()
            # What is known of an earlier Snakemake stays until there is another one.
            write_json(HOLDER, {**before, "pid": os.getpid(), "host": socket.gethostname()})
            yield before
    except Timeout:
        holder = _holder()
        who = (
            f"process {holder['pid']} on {holder['host']}"
            if {"pid", "host"} <= holder.keys()
            else "another run"
        )
        raise HcutalError(
            f"{who} is running here (hcutal run); wait for its end, or stop it: kill {holder.get('pid', 'PID')}"
        ) from None


def _write_holder(snakemake: int) -> None:
    started = psutil.Process(snakemake).create_time()
    state = {"pid": os.getpid(), "host": socket.gethostname(), "snakemake": snakemake, "started": started}
    write_json(HOLDER, state)


def _recover(holder: dict[str, Any], say: Say, elsewhere: bool) -> None:
    """Clear away what a killed run left: its Snakemake is ended, its stages are waited for, its lock is removed.

    Where this run submits jobs, those that it left on a cluster are cancelled.
    """
    host = holder.get("host", socket.gethostname())
    if _is_locked() and host != socket.gethostname():
        raise HcutalError(
            f"{SNAKEMAKE_LOCKS}: held by process {holder.get('pid')} on {host}, which cannot be seen from here; "
            "if it is gone: snakemake --unlock"
        )
    _end_orphan(holder, say)
    # A job of a cluster is no run.
    if others := [each for each in _processes_here(("snakemake",)) if JOB not in each[1]]:
        pid, command = others[0]
        raise HcutalError(
            f"process {pid} is running here ({command}); wait for its end, or stop it: kill {pid}"
        )
    if elsewhere:
        cancel_orphans(say)
    _wait_for_orphans(say)
    remove_cut_locks(say)
    remove_partial_copies()
    if _is_locked():
        say(
            "the run before was cut off (stopped hard, or a crash): its lock is removed, and this one goes on"
        )
        unlocked = _start(_snakemake("--unlock", "--quiet", "all")).wait()
        if unlocked != 0:
            raise HcutalError(f"{SNAKEMAKE_LOCKS}: cannot be removed; {SNAKEMAKE_LOG} says why")


def _end_orphan(holder: dict[str, Any], say: Say) -> None:
    """End the Snakemake of a run that was killed, alone: what its stages have computed counts."""
    try:
        orphan = psutil.Process(int(holder["snakemake"]))
        is_ours = orphan.create_time() == holder["started"]
    except (KeyError, TypeError, ValueError, psutil.NoSuchProcess):
        return
    if is_ours:
        say(f"the run before was cut off: the Snakemake that it left is ended (process {orphan.pid})")
        orphan.kill()
        psutil.wait_procs([orphan], timeout=GRACE_SECONDS)


def _holder() -> dict[str, Any]:
    """Who held the folder last; nobody where that was damaged."""
    try:
        found = orjson.loads(HOLDER.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_locked() -> bool:
    return any(SNAKEMAKE_LOCKS.glob("*"))


def _wait_for_orphans(say: Say) -> None:
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
