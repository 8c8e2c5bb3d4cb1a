"""MLflow from the state: what is logged, how often, and what a killed or live run leaves."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.layout import execution
from hcutal.pipeline import tracking
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.mlflow_log.live import LiveLog, points
from hcutal.pipeline.mlflow_log.mlflow_store import identity, open_store
from hcutal.pipeline.records import is_tracked
from tests.pipeline.tracked import lay_out, ran_with, stages
from tests.workflow.project import commit, git


@pytest.fixture
def project(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of the stages of two runs of the experiment `a`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_store, tmp_path)
    lay_out(tmp_path)
    return tmp_path


def log(monkeypatch: pytest.MonkeyPatch, md5: str = "1") -> None:
    monkeypatch.setattr(tracking, "read_graph", dict)
    monkeypatch.setattr(tracking, "stages_of", lambda graph, experiment: stages(md5))
    tracking.track("a")


def runs() -> tuple[MlflowClient, list[Any], list[Any]]:
    client, place = open_store()
    found = client.search_runs([place])
    parents = [run for run in found if "hcutal.state" in run.data.tags]
    return client, parents, [run for run in found if run not in parents]


def below(runs: list[Any], parent: Any) -> dict[str, Any]:
    """The runs right below one, by name."""
    return {
        run.info.run_name: run for run in runs if run.data.tags["mlflow.parentRunId"] == parent.info.run_id
    }


def test_state_is_logged_once_with_seeds_below_the_experiment_and_stages_below_these(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(monkeypatch)
    log(monkeypatch)
    client, (parent,), nested = runs()
    assert len(nested) == 8
    seeds = below(nested, parent)
    assert seeds.keys() == {"features@toy", "a.0", "a.1", "summary@a"}
    assert {name: run.data.tags.get("hcutal.seed") for name, run in seeds.items()} == {
        "features@toy": None,
        "a.0": "0",
        "a.1": "1",
        "summary@a": None,
    }
    train = below(nested, seeds["a.0"])["train@a.0"]
    history = client.get_metric_history(train.info.run_id, "curves/loss")
    assert [(point.step, point.value) for point in history] == [(1, 4.0), (2, 3.0)]
    names = {file.path for file in client.list_artifacts(train.info.run_id)}
    assert names == {"curves.csv", "metrics.json", "model.safetensors"}
    assert "/mlartifacts/" in train.info.artifact_uri


def test_experiments_and_runs_show_what_they_are_what_differs_and_what_came_out(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(monkeypatch)
    client, (parent,), nested = runs()
    about = {"dataset": "toy", "supervision": "unsupervised", "preset": "default", "train.steps": "2"}
    assert parent.data.params == {**about, "seeds": "0, 1"}
    assert parent.data.metrics == {"ARI": 0.5, "ARI/sd": 0.25}
    run = below(nested, parent)["a.1"]
    assert run.data.params == {**about, "seeds": "1"}
    assert run.data.metrics == {}
    train = below(nested, run)["train@a.1"]
    assert train.data.params["train.video.clusters"] == "16"
    assert train.data.metrics == {"train/loss": 5.0, "curves/loss": 3.0, "curves/weight": 0.5}
    full = json.loads((project / artifact(client, parent, "parameters.json")).read_text())
    assert full["a.1"]["train"] == ran_with(1)


def test_experiments_and_runs_hold_their_pages_data_set_and_description(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(monkeypatch)
    client, (parent,), nested = runs()
    assert "of all seeds" in (project / artifact(client, parent, "report.html")).read_text()
    run = below(nested, parent)["a.0"]
    assert "of seed 0" in (project / artifact(client, run, "report.html")).read_text()
    for found in (parent, run):
        (used,) = found.inputs.dataset_inputs
        assert (used.dataset.name, used.dataset.digest) == ("toy", "1")
        assert json.loads(used.dataset.source) == {"uri": "features/toy"}
        assert json.loads(used.dataset.profile) == {"num_rows": 3, "train": 2, "test": 1}
        assert [(tag.key, tag.value) for tag in used.tags] == [("mlflow.data.context", "training")]
    note = parent.data.tags["mlflow.note.content"]
    assert note.startswith(
        f"**ARI 0.500**. [Page](#/experiments/1/runs/{parent.info.run_id}/artifacts/report.html)\n\n"
        "Data set toy, supervision unsupervised, preset default, seeds 0, 1."
    )
    assert "Not as in the preset: `train.steps` 2." in note
    assert "Page in the project: `results/a/summary/report.html`" in note


def test_runs_have_the_times_of_the_executions_that_made_them(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = {"train@a.0": (1000.0, 1060.0), "train@a.1": (2000.0, 2020.0), "report@a.1": (90000.0, 90001.0)}
    for stage in stages():
        if stage.name in moments:
            started, ended = moments[stage.name]
            about = {
                "started": started,
                "ended": ended,
                "cpu_seconds": 5.0,
                "device": "cpu",
                "machine": "host",
            }
            restored = {"restored": 95000.0} if stage.name == "train@a.0" else {}
            write_json(execution(stage.fingerprint), {**about, **restored})
    log(monkeypatch)
    _, (parent,), nested = runs()
    seeds = below(nested, parent)
    trains = [below(nested, seeds[f"a.{seed}"])[f"train@a.{seed}"] for seed in (0, 1)]
    assert [(run.info.start_time, run.info.end_time) for run in trains] == [
        (1000_000, 1060_000),
        (2000_000, 2020_000),
    ]
    assert [run.data.tags["hcutal.execution"] for run in trains] == ["restored", "ran"]
    assert trains[0].data.tags["hcutal.machine"] == "host"
    assert trains[0].data.metrics["execution/cpu_seconds"] == 5.0
    assert "Made 1970-01-01 00:16:40 UTC: 60.0 s" in trains[0].data.tags["mlflow.note.content"]
    # Added up: a day lies between its stages.
    assert (seeds["a.1"].info.start_time, seeds["a.1"].info.end_time) == (89_980_000, 90_001_000)
    assert (parent.info.start_time, parent.info.end_time) == (89_920_000, 90_001_000)
    assert parent.data.metrics["training_seconds"] == 40.0
    assert seeds["summary@a"].data.tags["hcutal.execution"] == "time unknown"


def test_data_set_that_another_project_names_at_the_same_moment_is_an_input_all_the_same(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_it = MlflowClient.log_inputs
    asked = []

    def refused_first(self: MlflowClient, run_id: str, datasets: Any = None, models: Any = None) -> None:
        asked.append(run_id)
        if len(asked) == 1:
            raise MlflowException("UNIQUE constraint failed: datasets.experiment_id, datasets.name")
        name_it(self, run_id, datasets, models)

    monkeypatch.setattr(MlflowClient, "log_inputs", refused_first)
    log(monkeypatch)
    _, (parent,), nested = runs()
    seeds = below(nested, parent)
    for run in (parent, seeds["a.0"], seeds["a.1"]):
        assert [found.dataset.name for found in run.inputs.dataset_inputs] == ["toy"]


def artifact(client: MlflowClient, run: Any, name: str) -> str:
    """The path of an artifact of a run, from the project's folder."""
    return str(client.download_artifacts(run.info.run_id, name))


def test_another_state_is_another_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch)
    log(monkeypatch, md5="2")
    _, parents, nested = runs()
    assert {run.data.tags["hcutal.features"] for run in parents} == {"1.dir", "2.dir"}
    assert len(nested) == 16


def test_run_that_was_killed_is_replaced_with_all_below_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(monkeypatch)
    client, (parent,), _ = runs()
    client.update_run(parent.info.run_id, status="RUNNING")
    log(monkeypatch)
    _, parents, nested = runs()
    assert [run.info.status for run in parents] == ["FINISHED"]
    assert parents[0].info.run_id != parent.info.run_id
    assert len(nested) == 8


def test_live_rows_arrive_and_the_live_run_gives_way(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveLog("a.0")
    live.poll()
    path = project / ".hcutal/live/a.0.csv"
    path.write_text("step,loss\n1,4.0\n2,3")
    live.poll()
    client, _, (run,) = runs()
    assert (run.info.status, run.data.metrics) == ("RUNNING", {"curves/loss": 4.0})
    with path.open("a") as stream:
        stream.write(".5\n")
    live.close(succeeded=True)
    run = client.get_run(run.info.run_id)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"curves/loss": 3.5})
    log(monkeypatch)
    assert "train@a.0" in {run.info.run_name for run in runs()[2]}
    assert not any("hcutal.live" in run.data.tags for run in runs()[2])


def test_live_logging_fails_softly(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "no-such-scheme://x")
    live = LiveLog("a.0")
    (project / ".hcutal/live/a.0.csv").write_text("step,loss\n1,4.0\n")
    live.poll()
    live.close(succeeded=True)
    assert "training goes on" in caplog.text


def test_what_changed_meanwhile_is_told_and_left_to_the_next_run(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log(monkeypatch)
    assert is_tracked("a")
    assert "changed meanwhile" not in caplog.text
    monkeypatch.setattr(tracking, "tracked", lambda stages, place: None)
    tracking.track("a")
    assert "a: in MLflow as dvc.lock has it; parameters or code changed meanwhile" in caplog.text
    assert not is_tracked("a")


def test_stage_whose_outputs_changed_is_not_logged(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = [Stage("train@a.0", (), False, False, {}, {}, {})]
    monkeypatch.setattr(tracking, "read_graph", dict)
    monkeypatch.setattr(tracking, "stages_of", lambda graph, experiment: damaged)
    with pytest.raises(HcutalError, match=r"train@a\.0: outputs are not those of dvc\.lock"):
        tracking.track("a")


def test_points_leave_out_what_is_no_number() -> None:
    rows = [{"step": "1", "loss": "nan", "weight": ""}, {"step": "2", "loss": "1.5", "weight": "inf"}]
    assert points(rows) == [("curves/loss", 1.5, 2)]


def test_another_database_has_another_identity(project: Path) -> None:
    before = identity()
    (project / "mlflow.db").rename(project / "other.db")
    assert identity() == "none"
    shutil.copy(project / "other.db", project / "mlflow.db")
    assert identity() not in (before, "none")


def test_outputs_and_the_lock_do_not_make_a_run_dirty_but_code_and_parameters_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("params.yaml", "dvc.lock", "notes.txt"):
        (tmp_path / name).write_text("one")
    (tmp_path / "hcutal").mkdir()
    (tmp_path / "hcutal/module.py").write_text("one")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    for name in ("dvc.lock", "notes.txt", "new.txt"):
        (tmp_path / name).write_text("two")
    assert tracking.git_tags()["hcutal.git_dirty"] == "false"
    for name in ("params.yaml", "hcutal/module.py"):
        (tmp_path / name).write_text("two")
        assert tracking.git_tags()["hcutal.git_dirty"] == "true"
        (tmp_path / name).write_text("one")
