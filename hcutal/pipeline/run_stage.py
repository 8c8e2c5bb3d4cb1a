"""The job of every rule: run one stage through DVC, then write its record.

`python -m hcutal.pipeline.run_stage STAGE --log FILE`
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from hcutal.cores import GIVEN
from hcutal.entry import Command
from hcutal.errors import HcutalError
from hcutal.files import json_digest
from hcutal.jobs import Job, job
from hcutal.pipeline.executions import forget_last, keep_execution, note_restored
from hcutal.pipeline.leftovers import remove_strangers
from hcutal.pipeline.lock import lock_entry
from hcutal.pipeline.mlflow_log.live import LiveLog
from hcutal.pipeline.records import write_record
from hcutal.pipeline.restored import (
    Damaged,
    damaged_outputs,
    remove_damaged,
    remove_damaged_objects,
    remove_damaged_run_cache,
)

BUSY = "it is being blocked by"
BUSY_SECONDS = 600.0
POLL_SECONDS = 1.0
TAIL = 30
# DVC, started so that it reads and writes little of dvc.lock.
SINGLE = "hcutal.pipeline.dvc_single"
RAN, RESTORED = "ran", "restored"
# What DVC says of a stage whose result it takes from its cache.
CACHED = "is cached"


def run_stage(stage: str, log: Path) -> None:
    """Bring one stage up to date and write its record.

    A stage whose files another process holds (the orphan of a run that was killed) is tried again for ten
    minutes. Raises `HcutalError` with the end of the log when the stage fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with job(stage, log) as now:
        _run(stage, log, now)


def _run(stage: str, log: Path, now: Job) -> None:
    started = time.monotonic()
    forget_last(stage)
    _bring_up_to_date(stage, log, now)
    outcome = _outcome(log)
    if removed := _remove_damaged(stage, outcome):
        _tell(now, removed)
        _bring_up_to_date(stage, log, now)
        outcome = _outcome(log)
    fingerprint = json_digest(lock_entry(stage))
    if outcome == RAN:
        now.ran = True
        keep_execution(stage, fingerprint)
    elif outcome == RESTORED:
        note_restored(stage, fingerprint)
    write_record(stage, fingerprint)
    _say(now, f"{outcome}, {time.monotonic() - started:.0f} s")


def _remove_damaged(stage: str, outcome: str) -> list[Damaged]:
    """Remove what is damaged in the cache of what was restored; of what was made, the lists of files in folders."""
    entry = lock_entry(stage)
    if outcome == RESTORED:
        damaged = damaged_outputs(entry)
        return remove_damaged(damaged) if damaged else []
    return remove_damaged_objects(entry, lists_only=True) if outcome == RAN else []


def _say(now: Job, text: str) -> None:
    """Tell people what a job did, here and through whoever started the run."""
    now.lines.append(f"{now.name}: {text}")
    sys.stdout.write(f"{now.name}: {text}\n")


def _tell(now: Job, removed: Iterable[Damaged]) -> None:
    for each in removed:
        _say(now, f"{each.path}: damaged in the cache (object {each.md5}); removed")


def _remove_what_stops_restoring(stage: str, text: str, now: Job) -> bool:
    """Remove damaged objects that DVC could not put into place, and damaged memories of it; whether there are any."""
    if CACHED not in text:
        return False
    forgotten = remove_damaged_run_cache()
    for path in forgotten:
        _say(now, f"{path}: damaged; removed")
    try:
        removed = remove_damaged_objects(lock_entry(stage, tries=1))
    except HcutalError:
        removed = []
    _tell(now, removed)
    return bool(removed or forgotten)


def _bring_up_to_date(stage: str, log: Path, now: Job) -> None:
    until = time.monotonic() + BUSY_SECONDS
    is_first = True
    while (status := _repro(stage, log)) != 0:
        text = log.read_text(errors="replace")
        # What stopped DVC may have been removed by another job meanwhile.
        if _remove_what_stops_restoring(stage, text, now) or (is_first and CACHED in text):
            is_first = False
            continue
        if BUSY in text and (strangers := remove_strangers(text)):
            _say(now, f"not waiting for {strangers[0]}, which is no DVC here")
            continue
        if BUSY not in text or time.monotonic() > until:
            tail = "\n".join(text.splitlines()[-TAIL:])
            raise HcutalError(f"stage {stage} failed with status {status}; the end of {log}:\n{tail}")
        time.sleep(POLL_SECONDS)


def _outcome(log: Path) -> str:
    """What DVC says that it did."""
    text = log.read_text(errors="replace")
    if "Running stage" in text:
        return RAN
    return RESTORED if CACHED in text else "up to date"


def _repro(stage: str, log: Path) -> int:
    command = [sys.executable, "-m", SINGLE, "--wait-for-lock", "repro", "--single-item", stage]
    kind, _, run = stage.partition("@")
    live = LiveLog(run) if kind == "train" else None
    with log.open("w") as stream, _group(command, stream.fileno()) as process:
        while process.poll() is None:
            if live:
                live.poll()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(POLL_SECONDS)
    if live:
        live.close(succeeded=process.returncode == 0)
    return process.returncode


@contextlib.contextmanager
def _group(command: list[str], output: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command as a process group of its own, which does not outlive a run that is stopped."""
    # The stages call `python`: it must be the one that runs this.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    process = subprocess.Popen(
        command,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


@click.command(cls=Command)
@click.argument("stage")
@click.option("--log", type=click.Path(path_type=Path), required=True)
@click.option("--cores", type=click.IntRange(1), help="How many cores it may use; default: all.")
def main(stage: str, log: Path, cores: int | None) -> None:
    """Bring STAGE up to date."""
    if cores is not None:
        os.environ[GIVEN] = str(cores)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    run_stage(stage, log)


if __name__ == "__main__":
    main()
