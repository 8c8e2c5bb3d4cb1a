"""MLflow from the state: what is logged, how often, and what a killed or live run leaves."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from mlflow.tracking import MlflowClient

from hcutal.errors import HcutalError
from hcutal.pipeline import tracking
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.live import LiveLog, points
from hcutal.pipeline.mlflow_store import identity, open_store
from tests.workflow.project import commit, git


@pytest.fixture
def project(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of two stages of the experiment `a`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_store, tmp_path)
    train = tmp_path / "results/a/seed-0/train"
    train.mkdir(parents=True)
    (train / "curves.csv").write_text("step,loss,weight\n1,4.0,\n2,3.0,0.5\n")
    (train / "metrics.json").write_text('{"loss": 3.0, "undefined": null}')
    (train / "model.safetensors").write_bytes(b"model")
    (train / "cache.npz").write_bytes(b"large")
    (tmp_path / "features/toy").mkdir(parents=True)
    (tmp_path / "features/toy/features.json").write_text("{}")
    (tmp_path / "features/toy/video.npy").write_bytes(b"array")
    (tmp_path / ".hcutal/live").mkdir(parents=True)
    return tmp_path


def stages(md5: str = "1") -> list[Stage]:
    code = {"path": "hcutal/stages/train.py", "hash": "md5", "md5": "c"}
    data = {"path": "features/toy", "hash": "md5", "md5": md5}
    params = {"resolved.json": {"runs.a.0.train": {"steps": 2, "video": {"clusters": 3}}}}
    curves, metrics = "results/a/seed-0/train/curves.csv", "results/a/seed-0/train/metrics.json"
    outs = {curves: "plots", metrics: "metrics", "results/a/seed-0/train/model.safetensors": "data"}
    return [
        Stage("features@toy", (), True, True, {"deps": [], "outs": [data]}, {}, {"features/toy": "data"}),
        Stage("train@a", (), True, True, {"deps": [code, data], "params": params}, {}, outs),
    ]


def log(monkeypatch: pytest.MonkeyPatch, md5: str = "1") -> None:
    monkeypatch.setattr(tracking, "read_graph", dict)
    monkeypatch.setattr(tracking, "stages_of", lambda graph, experiment: stages(md5))
    tracking.track("a")


def runs() -> tuple[MlflowClient, list[Any], list[Any]]:
    client, place = open_store()
    found = client.search_runs([place])
    parents = [run for run in found if "hcutal.state" in run.data.tags]
    return client, parents, [run for run in found if run not in parents]


def test_state_is_logged_once_with_nested_runs(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch)
    log(monkeypatch)
    client, parents, nested = runs()
    assert len(parents) == 1
    assert {run.data.tags["mlflow.parentRunId"] for run in nested} == {parents[0].info.run_id}
    assert parents[0].data.params == {"train.steps": "2", "train.video.clusters": "3"}
    assert parents[0].data.metrics == {"train/loss": 3.0}
    assert parents[0].data.tags["hcutal.features"] == "1"
    train = next(run for run in nested if run.info.run_name == "train@a")
    history = client.get_metric_history(train.info.run_id, "loss")
    assert [(point.step, point.value) for point in history if point.step] == [(1, 4.0), (2, 3.0)]
    names = {file.path for file in client.list_artifacts(train.info.run_id)}
    assert names == {"curves.csv", "metrics.json", "model.safetensors"}
    assert "/mlartifacts/" in train.info.artifact_uri


def test_another_state_is_another_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch)
    log(monkeypatch, md5="2")
    _, parents, nested = runs()
    assert {run.data.tags["hcutal.features"] for run in parents} == {"1", "2"}
    assert len(nested) == 4


def test_run_that_was_killed_is_replaced(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log(monkeypatch)
    client, (parent,), _ = runs()
    client.update_run(parent.info.run_id, status="RUNNING")
    log(monkeypatch)
    _, parents, nested = runs()
    assert [run.info.status for run in parents] == ["FINISHED"]
    assert parents[0].info.run_id != parent.info.run_id
    assert len(nested) == 2


def test_live_rows_arrive_and_the_live_run_gives_way(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveLog("a")
    live.poll()
    path = project / ".hcutal/live/a.csv"
    path.write_text("step,loss\n1,4.0\n2,3")
    live.poll()
    client, _, (run,) = runs()
    assert (run.info.status, run.data.metrics) == ("RUNNING", {"loss": 4.0})
    with path.open("a") as stream:
        stream.write(".5\n")
    live.close(succeeded=True)
    run = client.get_run(run.info.run_id)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"loss": 3.5})
    log(monkeypatch)
    assert "train@a" in {run.info.run_name for run in runs()[2]}
    assert not any("hcutal.live" in run.data.tags for run in runs()[2])


def test_live_logging_fails_softly(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "no-such-scheme://x")
    live = LiveLog("a")
    (project / ".hcutal/live/a.csv").write_text("step,loss\n1,4.0\n")
    live.poll()
    live.close(succeeded=True)
    assert "training goes on" in caplog.text


def test_stage_whose_outputs_changed_is_not_logged(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = [Stage("train@a", (), False, False, {}, {}, {})]
    monkeypatch.setattr(tracking, "read_graph", dict)
    monkeypatch.setattr(tracking, "stages_of", lambda graph, experiment: damaged)
    with pytest.raises(HcutalError, match=r"train@a: outputs are not those of dvc\.lock"):
        tracking.track("a")


def test_points_leave_out_what_is_no_number() -> None:
    rows = [{"step": "1", "loss": "nan", "weight": ""}, {"step": "2", "loss": "1.5", "weight": "inf"}]
    assert points(rows) == [("loss", 1.5, 2)]


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
