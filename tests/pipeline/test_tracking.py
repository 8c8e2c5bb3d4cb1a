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
    """A folder with the files of the stages of two runs of the experiment `a`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_store, tmp_path)
    for seed, loss in (("0", "3.0"), ("1", "5.0")):
        train = tmp_path / f"results/a/seed-{seed}/train"
        train.mkdir(parents=True)
        (train / "curves.csv").write_text("step,loss,weight\n1,4.0,\n2,3.0,0.5\n")
        (train / "metrics.json").write_text(f'{{"loss": {loss}, "undefined": null}}')
        (train / "model.safetensors").write_bytes(b"model")
        (train / "cache.npz").write_bytes(b"large")
    (tmp_path / "results/a/summary").mkdir()
    (tmp_path / "results/a/summary/metrics.json").write_text('{"ARI": 0.5, "ARI/sd": 0.25, "NMI/sd": null}')
    (tmp_path / "features/toy").mkdir(parents=True)
    (tmp_path / "features/toy/features.json").write_text("{}")
    (tmp_path / "features/toy/video.npy").write_bytes(b"array")
    (tmp_path / ".hcutal/live").mkdir(parents=True)
    return tmp_path


def stages(md5: str = "1") -> list[Stage]:
    data = {"path": "features/toy", "hash": "md5", "md5": md5}
    summary = {"results/a/summary/metrics.json": "metrics"}
    return [
        Stage("features@toy", (), True, True, {"deps": [], "outs": [data]}, {}, {"features/toy": "data"}),
        *(training(seed, data) for seed in (0, 1)),
        Stage("summary@a", (), True, True, {"deps": [], "outs": []}, {}, summary),
    ]


def training(seed: int, data: dict[str, str]) -> Stage:
    code = {"path": "hcutal/stages/train.py", "hash": "md5", "md5": "c"}
    values = {"steps": 2, "seed": seed, "video": {"clusters": 3}}
    params = {"resolved.json": {f"runs.a.{seed}.train": values}}
    folder = f"results/a/seed-{seed}/train"
    outs = {f"{folder}/curves.csv": "plots", f"{folder}/metrics.json": "metrics"}
    outs |= {f"{folder}/model.safetensors": "data"}
    return Stage(f"train@a.{seed}", (), True, True, {"deps": [code, data], "params": params}, {}, outs)


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
    assert len(nested) == 6
    seeds = below(nested, parent)
    assert seeds.keys() == {"features@toy", "a.0", "a.1", "summary@a"}
    assert {name: run.data.tags.get("hcutal.seed") for name, run in seeds.items()} == {
        "features@toy": None,
        "a.0": "0",
        "a.1": "1",
        "summary@a": None,
    }
    assert (seeds["a.0"].data.metrics, seeds["a.1"].data.metrics) == (
        {"train/loss": 3.0},
        {"train/loss": 5.0},
    )
    assert parent.data.params == {"train.steps": "2", "train.seed": "0, 1", "train.video.clusters": "3"}
    assert parent.data.metrics == {"train/loss": 4.0, "summary/ARI": 0.5, "summary/ARI/sd": 0.25}
    assert parent.data.tags["hcutal.features"] == "1"
    train = below(nested, seeds["a.0"])["train@a.0"]
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
    assert len(nested) == 12


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
    assert len(nested) == 6


def test_live_rows_arrive_and_the_live_run_gives_way(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveLog("a.0")
    live.poll()
    path = project / ".hcutal/live/a.0.csv"
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


def test_stage_whose_outputs_changed_is_not_logged(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = [Stage("train@a.0", (), False, False, {}, {}, {})]
    monkeypatch.setattr(tracking, "read_graph", dict)
    monkeypatch.setattr(tracking, "stages_of", lambda graph, experiment: damaged)
    with pytest.raises(HcutalError, match=r"train@a\.0: outputs are not those of dvc\.lock"):
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
