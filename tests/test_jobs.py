"""Jobs say how they ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hcutal.jobs import job, jobs_so_far

SLEEPER = """
import os, signal, sys, time
from pathlib import Path
from hcutal.jobs import job
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
# What starts in the background ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
with job("train@toy.0", Path("log")):
    print("begun", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_job_that_was_ended_is_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.chdir(tmp_path)
    started = subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert started.stdout is not None and started.stdout.readline() == "begun\n"
    os.kill(started.pid, number)
    assert started.wait(30) != 0
    found = jobs_so_far()["train@toy.0"]
    assert found.ended is not None
    assert found.failed == "train@toy.0 was ended by a signal before it was done"


def test_a_job_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="no room"), job("map@toy.0", Path("log")):
        raise ValueError("no room")
    with job("map@toy.1", Path("log")):
        pass
    assert [(name, each.failed) for name, each in jobs_so_far().items()] == [
        ("map@toy.0", "no room"),
        ("map@toy.1", None),
    ]
