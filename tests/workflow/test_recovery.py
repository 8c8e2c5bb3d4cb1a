"""The real rules on a miniature project: what a crash, a signal or damage leaves, and what is seen of a run."""

import json
import os
import re
import shutil
import signal

import psutil
import pytest

from tests.workflow.project import Project, kill, wait_for

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("faults")]


def test_damaged_output_is_healed(project: Project) -> None:
    path = project.folder / "results/a/seed-0/propose/proposals.json"
    before = path.read_text()
    path.unlink()
    path.write_text("damaged")
    project.stages()
    assert path.read_text() == before
    assert project.executed() == []


@pytest.mark.parametrize("out", ["results/a/seed-0/map/mapping.csv", "features/toy/features.json"])
def test_a_damaged_object_of_the_cache_is_not_restored(project: Project, out: str) -> None:
    path = project.folder / out
    before = path.read_bytes()
    objects = [p for p in (project.folder / ".dvc/cache/files/md5").glob("*/*") if p.read_bytes() == before]
    for stored in objects:
        stored.chmod(0o644)
        stored.write_bytes(bytes([before[0] ^ 1]) + before[1:])
        stored.chmod(0o444)
    shutil.rmtree(path.parent) if "toy" in out else path.unlink()
    output = project.stages()
    assert f"{out}: damaged in the cache (object " in output
    assert path.read_bytes() == before
    assert len(project.executed()) == 1
    assert "Nothing to be done" in project.stages()


def test_a_dvc_that_was_killed_elsewhere_is_not_waited_for(project: Project) -> None:
    # On another host it had the number of a process that is another one here.
    dead = {"pid": os.getpid(), "cmd": "dvc --wait-for-lock repro --single-item train@a.0"}
    other = {"pid": os.getpid(), "cmd": "dvc repro --single-item train@other.0"}
    path, far = (str(project.folder / f"results/{name}/seed-0/train/model.json") for name in ("a", "other"))
    locks = project.folder / ".dvc/tmp/rwlock"
    locks.write_text(json.dumps({"write": {path: dead, far: other}, "read": {}}))
    project.replace("params.yaml", "{steps: 10}", "{steps: 11}")
    output = project.stages()
    assert "which is no DVC here" in output
    assert "train@a.0" in project.executed()
    # Who is in nobody's way may be alive on another host.
    assert json.loads(locks.read_text())["write"] == {far: other}


@pytest.mark.parametrize("orphan", [False, True], ids=["all-killed", "orphan-left"])
def test_run_recovers_from_kill(project: Project, orphan: bool) -> None:
    project.replace("params.yaml", "{steps: 10}", "{steps: 11}")
    hold = project.folder / "hold-train"
    hold.touch()
    process = project.start("hcutal.cli", "run", "--cores", "2", "a")
    wait_for(lambda: (project.folder / "executed.log").exists())
    kill(process, stages=not orphan)
    hold.unlink()
    output = project.run("hcutal.cli", "run", "--cores", "2", "a")
    assert "its lock is removed" in output
    assert "average_mAP" in output
    # What the orphan computed counts; what was killed is computed again.
    assert project.executed().count("train@a.0") == (1 if orphan else 2)
    assert "Nothing to be done" in project.stages()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_within_seconds(project: Project, number: signal.Signals) -> None:
    project.replace("params.yaml", "{steps: 10}", "{steps: 15}")
    hold = project.folder / "hold-train"
    hold.touch()
    process = project.start("hcutal.cli", "run", "--cores", "2", "a")
    wait_for(lambda: (project.folder / "executed.log").exists())
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    assert process.wait(timeout=20) == 128 + number
    assert len(family) > 3
    assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
    assert "interrupted; run again to go on" in (project.folder / "started.log").read_text()
    hold.unlink()
    project.run("hcutal.cli", "run", "--cores", "2", "a")
    assert project.executed().count("train@a.0") == 2


def test_the_snakemake_of_a_killed_run_is_ended_and_its_stage_counts(project: Project) -> None:
    project.replace("params.yaml", "{steps: 10}", "{steps: 16}")
    hold = project.folder / "hold-train"
    hold.touch()
    process = project.start("hcutal.cli", "run", "--cores", "2", "a")
    wait_for(lambda: (project.folder / "executed.log").exists())
    process.kill()
    process.wait()
    again = project.start("hcutal.cli", "run", "--cores", "2", "a")
    log = project.folder / "started.log"
    wait_for(lambda: "waiting for what a killed run left running" in log.read_text())
    assert "the Snakemake that it left is ended" in log.read_text()
    # A third run sees who holds the folder.
    assert f"process {again.pid} on" in project.run("hcutal.cli", "run", ok=False)
    hold.unlink()
    assert again.wait(timeout=120) == 0
    assert project.executed().count("train@a.0") == 1


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_resolved_json_is_made_anew(project: Project, damage: str) -> None:
    path = project.folder / "resolved.json"
    before = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(before[:100])
    project.stages()
    assert path.read_bytes() == before
    assert project.executed() == []
    assert "Nothing to be done" in project.stages()


@pytest.mark.parametrize("content", [b"{", b"\0\0\0\0"])
def test_damaged_files_of_state_are_made_anew(project: Project, content: bytes) -> None:
    for path in project.folder.glob(".hcutal/**/*.json"):
        path.write_bytes(content)
    project.run("hcutal.cli", "run", "--cores", "2")
    assert project.executed() == []
    assert "Nothing to be done" in project.run("hcutal.cli", "run")


def test_live_run_is_not_disturbed(project: Project) -> None:
    project.replace("params.yaml", "{steps: 10}", "{steps: 12}")
    hold = project.folder / "hold-train"
    hold.touch()
    process = project.start("hcutal.cli", "run", "--cores", "2")
    wait_for(lambda: (project.folder / "executed.log").exists())
    assert "is running here" in project.run("hcutal.cli", "run", ok=False)
    project.stages("-n")
    project.run("dvc", "metrics", "show")
    hold.unlink()
    assert process.wait(timeout=120) == 0


def test_failure_names_the_stage_and_the_rest_goes_on(project: Project) -> None:
    project.replace(
        "code/train.py",
        "    contents = {",
        "    if key == 'a.0':\n        raise ValueError('no such luck')\n    contents = {",
    )
    output = project.run("hcutal.cli", "run", "--cores", "2", ok=False)
    assert "stage train@a.0 failed" in output
    assert "no such luck" in output
    assert "train@a.0: begins" in output
    assert re.search(r"^train@b\.0: ran, \d+ s$", output, re.MULTILINE)
    assert "all that Snakemake said: .hcutal/logs/snakemake.log" in output
    # Its own words are there alone.
    assert "Execute" not in output
    assert "stage train@a.0 failed" in (project.folder / ".hcutal/logs/snakemake.log").read_text()
    assert project.executed() == ["train@a.0", "train@b.0"]


def test_a_terminal_shows_what_runs_and_what_comes_next(project: Project) -> None:
    project.replace("params.yaml", "{steps: 10}", "{steps: 17}")
    hold = project.folder / "hold-train"
    hold.touch()
    with project.terminal("hcutal.cli", "run", "--cores", "2", "a") as seen:
        wait_for(lambda: "train@a.0 " in seen() and "next: map@a.0" in seen())
        assert re.search(r"of 7 stages done, 0:\d\d; to go: about", seen())
        hold.unlink()
        wait_for(lambda: "results/a/summary/report.html" in seen())
    assert "train@a.0: ran, " in seen()
