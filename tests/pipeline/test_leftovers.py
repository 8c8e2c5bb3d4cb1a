"""What DVC leaves behind when it is killed is removed; all that it has completed stays."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from dvc_objects.fs.utils import tmp_fname

from hcutal.layout import DVC_LOCKS
from hcutal.pipeline.leftovers import remove_partial_copies, remove_strangers


def test_copies_that_were_not_ended_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folders = ("results/watch/summary", ".dvc/cache/runs/85/85b5", ".dvc/cache/files/md5/1f")
    partial = [Path(folder, tmp_fname()) for folder in folders]
    whole = [Path(folder, name) for folder in folders for name in ("report.html", "a.tmp", ".notes.tmp")]
    for path in (*partial, *whole):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert sorted(remove_partial_copies()) == sorted(partial)
    assert not any(path.exists() for path in partial)
    assert all(path.exists() for path in whole)
    assert remove_partial_copies() == []


def test_who_is_no_dvc_of_this_folder_is_taken_out_of_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # A process in this folder with DVC's name in its command.
    code = "import time; print('here', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, "-m", "dvc"], stdout=subprocess.PIPE) as alive:
        # Its command cannot be read before it runs.
        assert alive.stdout
        alive.stdout.readline()
        here = {"pid": alive.pid, "cmd": "dvc repro a"}
        other, far = ({"pid": os.getpid(), "cmd": f"dvc repro {name}"} for name in ("b", "c"))
        listed = {"write": {"/x": here, "/y": other, "/z": far}, "read": {"/x": [other, here], "/y": [other]}}
        DVC_LOCKS.parent.mkdir(parents=True)
        DVC_LOCKS.write_text(json.dumps(listed))
        said = "'/x' is busy, it is being blocked by:\n" + "".join(
            f"  (PID {each['pid']}): {each['cmd']}\n" for each in (here, other)
        )
        found = remove_strangers(said)
        alive.terminate()
    assert found == [f"process {os.getpid()} (dvc repro b)"]
    assert json.loads(DVC_LOCKS.read_text()) == {"write": {"/x": here, "/z": far}, "read": {"/x": [here]}}
    assert remove_strangers("no other process") == []
