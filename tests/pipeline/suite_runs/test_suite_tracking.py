"""Suites in MLflow: experiments are found by the tables that show them, and files are logged once."""

import json
import shutil
from pathlib import Path

import pytest

from hcutal.params.document import Experiment
from hcutal.pipeline import tracking
from hcutal.pipeline.graph import Graph
from hcutal.pipeline.mlflow_log.mlflow_store import open_store
from hcutal.pipeline.suite_runs import suite_tracking
from hcutal.pipeline.suite_runs.suite_call import PlannedSuites, SuiteCall
from hcutal.pipeline.suite_runs.suite_costs import SuiteCosts
from hcutal.pipeline.suite_runs.suite_tracking import track_suites
from tests.pipeline.tracked import lay_out, stages

ENTRY = Experiment.model_validate({"dataset": "toy", "seeds": [0, 1], "supervision": "unsupervised"})
PLAN = PlannedSuites(
    SuiteCall(["table5", "figure5"], "toy", "default", [0, 1]),
    ["table5"],
    {"table5": ("last",)},
    {"full": ("a", ENTRY)},
    ["a"],
    SuiteCosts(["a.0", "a.1"], [], 0, None, 0),
)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_store, tmp_path)
    lay_out(tmp_path)
    Path("report.html").write_text("<p>one</p>")


def log(monkeypatch: pytest.MonkeyPatch, md5: str = "1", files: tuple[str, ...] = ("report.html",)) -> None:
    """Track the experiment in a state, then the call of suites."""
    graph: Graph = {stage.name: stage for stage in stages(md5)}
    for module in (tracking, suite_tracking):
        monkeypatch.setattr(module, "stages_of", lambda graph, name: list(graph.values()))
    monkeypatch.setattr(tracking, "read_graph", lambda experiments: graph)
    tracking.track("a")
    track_suites(PLAN, graph, [Path(name) for name in files])


def test_a_filter_finds_the_experiments_that_a_table_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch)
    client, place = open_store()
    shown = client.search_runs([place], "tags.`suite.table5` != ''")
    assert [run.info.run_name for run in shown] == ["a"]
    assert shown[0].data.tags["suite.table5"] == "toy/default"
    view = json.loads(client.get_experiment(place).tags["mlflow.sharedViewState.table5"])
    assert json.loads(view["state"])["searchFilter"] == "tags.`suite.table5` != ''"


def test_an_earlier_state_is_shown_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch)
    log(monkeypatch, md5="2")
    client, place = open_store()
    assert len(client.search_runs([place], "tags.`hcutal.state` != ''")) == 2
    (shown,) = client.search_runs([place], "tags.`suite.table5` != ''")
    assert shown.data.tags["hcutal.features"] == "2.dir"


def test_files_are_logged_once_as_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("table5.csv").write_text("row\n")
    # What is not there, such as a figure that could not be drawn, is left out.
    files = ("report.html", "table5.csv", "figure5.png")
    log(monkeypatch, files=files)
    log(monkeypatch, files=files)
    client, place = open_store()
    (run,) = client.search_runs([place], "tags.`hcutal.suites` != ''")
    assert run.info.run_name == "table5 on toy, preset default" and run.info.status == "FINISHED"
    assert {file.path for file in client.list_artifacts(run.info.run_id)} == {"report.html", "table5.csv"}
    assert "hcutal.state" not in run.data.tags
    Path("report.html").write_text("<p>other</p>")
    log(monkeypatch, files=files)
    assert len(client.search_runs([place], "tags.`hcutal.suites` != ''")) == 2


def test_a_run_that_was_cut_short_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch)
    client, place = open_store()
    (run,) = client.search_runs([place], "tags.`hcutal.suites` != ''")
    client.update_run(run.info.run_id, status="RUNNING")
    log(monkeypatch)
    (again,) = client.search_runs([place], "tags.`hcutal.suites` != ''")
    assert again.info.run_id != run.info.run_id and again.info.status == "FINISHED"


def test_a_store_that_does_not_answer_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://localhost:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    track_suites(PLAN, {}, [Path("report.html")])
    assert "suites: not in MLflow, the next run tries again" in caplog.text
