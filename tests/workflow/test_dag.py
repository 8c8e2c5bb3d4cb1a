"""The real rules on a miniature project: what runs, what does not, and what a crash leaves."""

import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.workflow.project import Project, commit, git, kill

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]


def test_second_run_executes_nothing(project: Project) -> None:
    output = project.run("snakemake", "-c", "all")
    assert "Nothing to be done" in output
    assert project.executed() == []


def test_touched_files_execute_nothing(project: Project) -> None:
    for path in [*project.folder.rglob("code/*.py"), project.folder / "params.yaml"]:
        path.touch()
    assert "Nothing to be done" in project.stages()


def test_parameter_reaches_its_followers_only_and_back_costs_nothing(project: Project) -> None:
    before = (project.folder / "results/a/seed-0/evaluate/metrics.json").read_text()
    first = project.took("evaluate@a.0")
    project.replace("params.yaml", "{steps: 10}", "{steps: 10}, evaluate: {chance: {draws: 7}}")
    plan = project.run("snakemake", "-n")
    assert all(
        rule in plan
        for rule in ("rule evaluate_a_0", "rule report_a_0", "rule summary_a", "rule track_a", "rule compare")
    )
    assert not any(rule in plan for rule in ("rule propose_a_0", "rule evaluate_b_0", "rule track_b"))
    assert project.executed() == []
    project.stages()
    assert project.executed() == ["evaluate@a.0", "report@a.0", "summary@a"]
    assert (project.folder / "results/a/seed-0/evaluate/metrics.json").read_text() != before
    second = project.took("evaluate@a.0")
    assert second["started"] > first["ended"]
    project.replace("params.yaml", ", evaluate: {chance: {draws: 7}}", "")
    project.stages()
    assert project.executed() == []
    assert (project.folder / "results/a/seed-0/evaluate/metrics.json").read_text() == before
    # What was restored has the times of the execution that made it.
    restored = project.took("evaluate@a.0")
    assert restored.pop("restored") > second["ended"]
    assert restored == first


def test_names_of_clusters_reach_what_follows_the_mapping(project: Project) -> None:
    path = project.folder / "labels/a.0.csv"
    path.write_text("cluster,name\n0,jump\n")
    project.stages()
    assert "map@a.0" in project.executed()
    path.unlink()
    project.stages()
    assert project.executed() == []
    assert '"names": {}' in (project.folder / "resolved.json").read_text()


def test_change_without_effect_stops_where_it_is(project: Project) -> None:
    project.replace("code/map.py", '"""Stand-ins', '"""Other words')
    project.stages()
    assert project.executed() == ["map@a.0", "map@b.0"]
    assert "Nothing to be done" in project.stages()


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


def test_without_the_lock_everything_is_restored(project: Project) -> None:
    lock = project.folder / "dvc.lock"
    before = lock.read_text()
    lock.write_text("<<<<<<< ours\n" + before)
    assert "take either side, or remove the file" in project.stages(ok=False)
    lock.unlink()
    project.stages()
    assert project.executed() == []
    # The order of the entries is that in which the stages came to an end.
    assert sorted(lock.read_text().splitlines()) == sorted(before.splitlines())


def test_new_experiment_is_all_that_runs(project: Project) -> None:
    project.replace("params.yaml", "  b:", "  c-2: {dataset: toy, supervision: weak}\n  b:")
    project.run("snakemake", "-c2", "report_c_2_0")
    assert {name.partition("@")[2] for name in project.executed()} == {"c-2.0"}


def test_a_seed_more_trains_that_one_alone_and_one_less_removes_nothing(project: Project) -> None:
    params = project.folder / "params.yaml"
    metrics = project.folder / "results/a/summary/metrics.json"
    before, first = params.read_text(), metrics.read_bytes()
    output = project.run("hcutal.cli", "run", "a", "--seeds", "0,1", "--cores", "2")
    assert "params.yaml: experiments.a.seeds is now [0, 1]" in output
    kinds = ("train", "map", "propose", "evaluate", "report")
    assert project.executed() == sorted([*(f"{kind}@a.1" for kind in kinds), "summary@a"])
    assert metrics.read_bytes() != first
    assert "everything is up to date" in project.run("hcutal.cli", "run", "-n", "a", "b")
    output = project.run("hcutal.cli", "run", "a", "--seeds", "0,1", "--cores", "2")
    assert "is now" not in output and "Nothing to be done" in output
    assert project.executed() == []
    params.write_text(before)
    project.stages()
    # The folder of draws holds what the other seed left: the summary is made again, and comes out as before.
    assert project.executed() in ([], ["summary@a"])
    assert metrics.read_bytes() == first
    assert (project.folder / "results/a/seed-1/train/model.safetensors").exists()


def test_one_run_is_brought_up_to_date_alone(project: Project) -> None:
    project.replace("params.yaml", "{steps: 10}}", "{steps: 11}, seeds: [0, 3]}")
    project.run("hcutal.cli", "run", "a.3", "--cores", "2")
    assert {name.partition("@")[2] for name in project.executed()} == {"a.3"}
    assert "no run 'a.1': the seeds of a in params.yaml are 0, 3" in project.run(
        "hcutal.cli", "run", "a.1", ok=False
    )


def test_experiments_that_end_in_numbers_are_told_from_runs(project: Project) -> None:
    entry = "{dataset: toy, supervision: weak, seeds: [0, 1]}"
    project.replace("params.yaml", "  b:", f"  a-0: {entry}\n  a-0-1: {entry}\n  b:")
    project.run("snakemake", "-c2", "track_a_0", "track_a_0_1")
    keys = {name.partition("@")[2] for name in project.executed()}
    assert keys == {"a-0", "a-0.0", "a-0.1", "a-0-1", "a-0-1.0", "a-0-1.1"}


def test_dvc_alone_says_where_the_runs_are_others(project: Project) -> None:
    project.replace("params.yaml", "{steps: 10}}", "{steps: 10}, seeds: [0, 5]}")
    output = project.run("dvc", "repro", "parameters", ok=False)
    assert "runs.json: has not the experiments and seeds of params.yaml" in output


def test_clone_with_the_cache_executes_nothing(project: Project, tmp_path: Path) -> None:
    remote, clone = tmp_path / "remote", tmp_path / "clone"
    project.run("dvc", "remote", "add", "-d", "store", str(remote))
    commit(project.folder)
    project.run("dvc", "push", "-q")
    git(tmp_path, "clone", "-q", str(project.folder), str(clone))
    copy = Project(clone, project.store)
    copy.run("dvc", "pull", "-q")
    copy.stages()
    assert copy.executed() == []
    assert git(clone, "status", "--porcelain") == ""
    assert (clone / "results/a/seed-0/report/report.html").exists()


def test_clone_without_the_cache_computes_everything(project: Project, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(project.folder), str(clone))
    copy = Project(clone, project.store)
    copy.stages()
    assert len(copy.executed()) == 14
    assert git(clone, "status", "--porcelain") == ""


@pytest.mark.parametrize("orphan", [False, True], ids=["all-killed", "orphan-left"])
def test_run_recovers_from_kill(project: Project, orphan: bool) -> None:
    project.replace("params.yaml", "{steps: 10}", "{steps: 11}")
    hold = project.folder / "hold-train"
    hold.touch()
    process = project.start("hcutal.cli", "run", "--cores", "2", "a")
    _wait_for(lambda: (project.folder / "executed.log").exists())
    kill(process, stages=not orphan)
    hold.unlink()
    output = project.run("hcutal.cli", "run", "--cores", "2", "a")
    assert "removing its lock" in output
    assert "average_mAP" in output
    # What the orphan computed counts; what was killed is computed again.
    assert project.executed().count("train@a.0") == (1 if orphan else 2)
    assert "Nothing to be done" in project.stages()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_within_seconds(project: Project, number: signal.Signals) -> None:
    project.replace("params.yaml", "{steps: 10}", "{steps: 15}")
    hold = project.folder / "hold-train"
    hold.touch()
    process = project.start("hcutal.cli", "run", "--cores", "2", "a")
    _wait_for(lambda: (project.folder / "executed.log").exists())
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
    _wait_for(lambda: (project.folder / "executed.log").exists())
    process.kill()
    process.wait()
    again = project.start("hcutal.cli", "run", "--cores", "2", "a")
    log = project.folder / "started.log"
    _wait_for(lambda: "waiting for what a killed run left running" in log.read_text())
    assert "ending the Snakemake that it left" in log.read_text()
    # A third run sees who holds the folder.
    assert f"process {again.pid} on" in project.run("hcutal.cli", "run", ok=False)
    hold.unlink()
    assert again.wait(timeout=120) == 0
    assert project.executed().count("train@a.0") == 1


@pytest.mark.parametrize("damage", ["missing", "empty", "cut"])
def test_resolved_json_is_made_anew(project: Project, damage: str) -> None:
    path = project.folder / "resolved.json"
    before = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(b"" if damage == "empty" else before[:100])
    project.stages()
    assert path.read_bytes() == before
    assert project.executed() == []
    assert "Nothing to be done" in project.stages()


@pytest.mark.parametrize("content", [b"", b"{", b"\0\0\0\0"])
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
    _wait_for(lambda: (project.folder / "executed.log").exists())
    assert "is running here" in project.run("hcutal.cli", "run", ok=False)
    project.stages("-n")
    project.run("dvc", "metrics", "show")
    hold.unlink()
    assert process.wait(timeout=120) == 0


def test_experiments_train_beside_each_other(project: Project) -> None:
    for old, new in (("steps: 10", "steps: 13"), ("steps: 20", "steps: 23")):
        project.replace("params.yaml", old, new)
    hold = project.folder / "hold-train"
    hold.touch()
    process = project.start("snakemake", "-c2", "train_a_0", "train_b_0")
    log = project.folder / "executed.log"
    _wait_for(lambda: log.exists() and "train@a.0" in log.read_text() and "train@b.0" in log.read_text())
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
        _wait_for(lambda: "train@a.0 " in seen() and "next: map@a.0" in seen())
        assert re.search(r"of 7 stages done, 0:\d\d; to go: about", seen())
        hold.unlink()
        _wait_for(lambda: "results/a/summary/report.html" in seen())
    assert "train@a.0: ran, " in seen()


def test_config_is_refused(project: Project) -> None:
    output = project.stages("-n", "--config", "steps=3", ok=False)
    assert "does not reach the stages" in output
    assert "params.yaml" in output
    assert "dvc exp run --set-param" in output


def test_bad_parameter_is_named(project: Project) -> None:
    project.replace("params.yaml", "{steps: 10}", "{stepz: 10}")
    output = project.stages("-n", ok=False)
    assert "params.yaml: experiments.a.train.stepz: unknown key; expected one of" in output


def test_dvc_alone_agrees(project: Project) -> None:
    assert "up to date" in project.run("dvc", "status")
    project.run("dvc", "exp", "run", "-q", "-S", "experiments.a.train.steps=14")
    assert "train@a.0" in project.executed()
    assert "average_mAP" in project.run("dvc", "metrics", "diff")
    shutil.rmtree(project.folder / ".hcutal")
    project.stages()
    assert project.executed() == []


def _wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)
