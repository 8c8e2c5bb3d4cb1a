"""The real rules on a miniature project: what runs, and what does not."""

from pathlib import Path

import pytest

from hcutal.layout import KNOWN_ENTRIES
from hcutal.pipeline import dvc_reading
from hcutal.pipeline.graph import read_graph, stages_of
from hcutal.pipeline.lock_text import HEAD, entries_of
from tests.workflow.project import Project, commit, git, wait_for

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]


def test_second_run_executes_nothing(project: Project) -> None:
    output = project.run("snakemake", "-c", "all")
    assert "Nothing to be done" in output
    assert project.executed() == []


def test_stages_are_the_same_whether_dvc_reads_all_some_or_what_it_knows(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    known = project.folder / KNOWN_ENTRIES
    known.unlink()
    alone, first = read_graph(experiments=["a"]), read_graph()
    assert known.exists()
    again = read_graph()
    monkeypatch.setattr(dvc_reading, "KNOWN", set())
    by_dvc = read_graph()
    assert all(stage.fresh for stage in by_dvc.values())
    assert list(first.items()) == list(again.items()) == list(by_dvc.items())
    assert stages_of(alone, "a") == stages_of(by_dvc, "a")
    assert not any(name.endswith("@b.0") for name in alone)


def test_stage_that_ran_with_another_output_than_there_is_is_stale(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    lock = project.folder / "dvc.lock"
    entries = entries_of(lock.read_text())
    assert entries is not None
    dep = "pseudo_labels.csv\n      hash: md5\n      md5: "
    before, _, after = entries["map@a.0"].partition(dep)
    entries["map@a.0"] = before + dep + ("1" if after[0] == "0" else "0") + after[1:]
    lock.write_text(HEAD + "".join(entries.values()))
    graph = read_graph()
    assert graph["train@a.0"].fresh
    assert graph["map@a.0"].reasons == ("results/a/seed-0/train/pseudo_labels.csv changed",)


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


def test_experiments_train_beside_each_other(project: Project) -> None:
    for old, new in (("steps: 10", "steps: 13"), ("steps: 20", "steps: 23")):
        project.replace("params.yaml", old, new)
    hold = project.folder / "hold-train"
    hold.touch()
    process = project.start("snakemake", "-c2", "train_a_0", "train_b_0")
    log = project.folder / "executed.log"
    wait_for(lambda: log.exists() and "train@a.0" in log.read_text() and "train@b.0" in log.read_text())
    hold.unlink()
    assert process.wait(timeout=120) == 0


def test_config_is_refused(project: Project) -> None:
    output = project.stages("-n", "--config", "steps=3", ok=False)
    assert "does not reach the stages" in output
    assert "params.yaml" in output
    assert "dvc exp run --set-param" in output


def test_bad_parameter_is_named(project: Project) -> None:
    project.replace("params.yaml", "{steps: 10}", "{stepz: 10}")
    output = project.stages("-n", ok=False)
    assert "params.yaml: experiments.a.train.stepz: unknown key; expected one of" in output


def test_the_report_of_snakemake_has_the_page_of_each_experiment(project: Project) -> None:
    pages = project.folder / ".hcutal/pages"
    assert {path.name for path in pages.glob("*.html")} == {"a.html", "b.html"}
    summary = project.folder / "results/a/summary/report.html"
    assert (pages / "a.html").read_bytes() == summary.read_bytes()
