"""Suites on a miniature project: what a call runs, and what a second one does."""

import pytest
from mlflow.tracking import MlflowClient

from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]
CALL = ("hcutal.cli", "run", "table8", "--data", "toy", "--seeds", "0", "--cores", "2")


def test_a_call_runs_the_experiments_asked_for_and_a_second_one_nothing(project: Project) -> None:
    # Another experiment is out of date, and stays so.
    project.replace("params.yaml", "train: {steps: 20}", "train: {steps: 30}")
    project.replace("params.yaml", "train: {steps: 10}", "seeds: [0]")
    said = project.run(*CALL)
    executed = project.executed()
    assert {stage.partition("@")[2].partition(".")[0] for stage in executed} == {
        "a",
        "toy-horizontal",
        "toy-vertical",
    }
    assert "table8 on toy: 3 experiments, 3 runs, 2 of them not made yet" in said
    page = project.folder / "suites/toy/default/report.html"
    assert f"report: {page.relative_to(project.folder)}" in said
    before = page.read_bytes()
    client = MlflowClient(f"sqlite:///{project.database}")
    (place,) = (each.experiment_id for each in client.search_experiments() if each.name == "hcutal")
    shown = client.search_runs([place], "tags.`suite.table8` = 'toy/default'")
    assert {run.info.run_name for run in shown} == {"a", "toy-horizontal", "toy-vertical"}
    logged = len(client.search_runs([place]))

    assert "3 runs, all of them made" in project.run(*CALL)
    assert project.executed() == []
    assert page.read_bytes() == before
    assert len(client.search_runs([place])) == logged


def test_suites_are_targets_of_snakemake_once_their_experiments_are_there(project: Project) -> None:
    project.replace("params.yaml", "train: {steps: 10}", "seeds: [0]")
    output = project.run("snakemake", "-c2", "table8_toy", ok=False)
    assert "MissingRuleException" in output
    project.run(*CALL)
    project.executed()
    table = project.folder / "suites/toy/default/table8.csv"
    before = table.read_bytes()
    table.unlink()
    project.run("snakemake", "-c2", "table8_toy")
    assert table.read_bytes() == before
    assert project.executed() == []
