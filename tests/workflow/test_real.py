"""The real stages on small data: from nothing to the reports, twice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from hcutal.files import read_json
from tests.workflow.project import ROOT, Project, commit, git

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("real")]
TRAIN = {"steps": 60, "refresh": 20, "video": {"warmup": 60, "restarts": 2}}
EXPERIMENTS = {
    "watch": {"dataset": "watch", "supervision": "unsupervised", "report": {"dpi": 60}},
    "simulated-weak": {"dataset": "simulated", "supervision": "weak", "report": {"dpi": 60}},
}
SIZES = {
    "watch": {"train_recordings": 28, "test_recordings": 12},
    "simulated": {"classes": 4, "train_videos": 24, "test_videos": 12, "train_multi": 2, "test_multi": 1},
}
RESULTS = [
    "train/model.safetensors",
    "train/pseudo_labels.csv",
    "propose/proposals.json",
    "map/metrics.json",
    "evaluate/metrics.json",
    "report/report.html",
    "../summary/metrics.json",
    "../summary/report.html",
]


def make_small(folder: Path) -> Project:
    """The project itself with smaller data and less training, without any result."""
    files = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in files:
        path = ROOT / name
        if name != "dvc.lock" and not name.startswith("tests/") and (path.is_file() or path.is_symlink()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / name, follow_symlinks=False)
    yaml = YAML()
    params: dict[str, Any] = yaml.load(folder / "params.yaml")
    params["experiments"] = EXPERIMENTS
    for name, sizes in SIZES.items():
        params["datasets"][name]["prepare"] = sizes
        params["datasets"][name]["train"] = {**TRAIN, "video": {**TRAIN["video"], "clusters": 6}}
    yaml.dump(params, folder / "params.yaml")
    git(folder, "init", "--quiet")
    commit(folder)
    return Project(folder, folder / "mlflow.db")


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Project]:
    """The same project in two places, run from nothing; in the second place one experiment alone."""
    first, second = (make_small(tmp_path_factory.mktemp(name)) for name in ("one", "two"))
    for project, experiments in ((first, []), (second, ["watch"])):
        output = project.run("hcutal.cli", "run", "--cores", "2", *experiments)
        assert "results/watch/summary/report.html" in output
    return first, second


def test_recordings_are_found_above_chance(projects: tuple[Project, Project]) -> None:
    for name in EXPERIMENTS:
        metrics = read_json(projects[0].folder / "results" / name / "seed-0/evaluate/metrics.json")
        assert metrics["average_mAP"] > 3 * metrics["chance/average_mAP"] > 0
    assert read_json(projects[0].folder / "results/watch/seed-0/map/metrics.json")["ARI"] > 0.05


def test_two_runs_give_the_same_bytes(projects: tuple[Project, Project]) -> None:
    for result in RESULTS:
        paths = [project.folder / "results/watch/seed-0" / result for project in projects]
        assert paths[0].read_bytes() == paths[1].read_bytes(), result
    first, second = (YAML(typ="safe").load(project.folder / "dvc.lock")["stages"] for project in projects)
    assert len(second) == 9
    assert second == {name: first[name] for name in second}


@pytest.fixture(scope="module")
def runs(projects: tuple[Project, Project]) -> pd.DataFrame:
    """All runs that MLflow has of the first project."""
    code = (
        "import mlflow; from hcutal.pipeline.mlflow_log.mlflow_store import tracking_uri; "
        "mlflow.set_tracking_uri(tracking_uri()); "
        "mlflow.search_runs(search_all_experiments=True).to_csv('runs.csv')"
    )
    project = projects[0]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{project.store}"}
    subprocess.run([sys.executable, "-c", code], cwd=project.folder, check=True, env=environment)
    return pd.read_csv(project.folder / "runs.csv")


def test_a_stage_leaves_its_runs_in_mlflow(runs: pd.DataFrame) -> None:
    assert (runs["status"] == "FINISHED").all()
    assert runs["tags.mlflow.parentRunId"].isna().sum() == len(EXPERIMENTS)
    assert runs["metrics.average_mAP"].notna().any()


def test_a_trained_run_is_applied_to_new_recordings_and_registered(
    projects: tuple[Project, Project], runs: pd.DataFrame
) -> None:
    project = projects[0]
    given = "data/watch/recordings/watch_test_000.npy"
    project.run("hcutal.cli", "localize", given, "--run", "watch", "--out", "found", "--format", "elan")
    known = read_json(project.folder / "results/watch/seed-0/propose/proposals.json")["results"][
        "watch_test_000"
    ]
    found = read_json(project.folder / "found/proposals.json")["results"]["watch_test_000"]
    assert [row["label"] for row in found] == [row["label"] for row in known]
    assert [row["score"] for row in found] == pytest.approx([row["score"] for row in known], abs=1e-5)
    assert (project.folder / "found/segments.csv").exists()
    # The run of a seed has it, and the experiment above it.
    models = runs["tags.hcutal.model"].dropna()
    assert sorted(set(models)) == ["models:/hcutal-simulated-weak/1", "models:/hcutal-watch/1"]


def test_again_nothing_runs_and_the_table_is_shown(projects: tuple[Project, Project]) -> None:
    output = projects[0].run("hcutal.cli", "run")
    assert "Nothing to be done" in output
    assert "chance" in output
