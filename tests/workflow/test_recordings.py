"""A project of one's own recordings, from `hcutal new` to named clusters: unlabelled, in shards."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from hcutal.files import read_json
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("recordings")]
TRAIN = {
    "snippets": 30,
    "steps": 20,
    "refresh": 10,
    "embedding": 16,
    "video": {
        "clusters": {"estimate": {"draws": 3}},
        "neighbours": {"count": 2},
        "components": 1.25,
        "pooling": "mean",
        "warmup": 30,
        "restarts": 1,
    },
}


def record(folder: Path, name: str, seed: int) -> None:
    """A minute of somebody who moves one of two dimensions now and then."""
    rng = np.random.default_rng(seed)
    frames = rng.normal(0, 0.05, (600, 3))
    for start in rng.integers(0, 500, 4):
        frames[start : start + 60, seed % 2] += np.sin(np.arange(60) * (0.5 + seed % 2))
    np.save(folder / f"{name}.npy", frames)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after its first run; one of its recordings cannot be read."""
    top = tmp_path_factory.mktemp("top")
    (top / "mine").mkdir()
    for seed in range(12):
        record(top / "mine", f"r{seed:02d}", seed)
    (top / "mine/broken.npy").write_text("nonsense")
    outside = Project(top, top / "mlflow.db")
    options = ["--extractor", "vectors", "-o", "fps=10.0", "--videos", "mine"]
    output = outside.run("hcutal.cli", "new", "project", *options)
    assert "12 recordings, 12:00 minutes" in output
    assert "broken.npy: not an npy file" in output
    yaml = YAML()
    params: dict[str, Any] = yaml.load(top / "project/params.yaml")
    own = params["datasets"]["recordings"]
    own["train"] = TRAIN
    own["features"]["shards"] = 2
    own["features"]["workers"] = 2
    params["experiments"]["recordings"]["report"] = {"dpi": 60}
    yaml.dump(params, top / "project/params.yaml")
    made = Project(top / "project", top / "mlflow.db")
    output = made.run("hcutal.cli", "run", "--cores", "2")
    assert "not evaluated: no annotations" in output
    assert "report: results/recordings/seed-0/report/report.html" in output
    assert "segments: results/recordings/seed-0/segments" in output
    assert "hcutal label recordings" in output
    return made


def entries(project: Project) -> dict[str, int]:
    """When each recording in the cache was extracted."""
    return {
        path.name: path.stat().st_mtime_ns for path in project.folder.glob(".hcutal/extracted/recordings/*/*")
    }


def test_shards_extract_and_the_stage_gathers(project: Project) -> None:
    for shard in range(2):
        assert (project.folder / f".hcutal/logs/shard-{shard}-features@recordings.log").exists()
    sidecar = read_json(project.folder / "features/recordings/features.json")
    assert len(sidecar["lengths"]) == len(entries(project)) == 12
    assert "broken.npy" in sidecar["failed"]["broken"]
    assert "Nothing to be done" in project.run("hcutal.cli", "run")


def test_without_annotations_nothing_is_evaluated_and_clusters_have_numbers(project: Project) -> None:
    metrics = read_json(project.folder / "results/recordings/seed-0/evaluate/metrics.json")
    assert not any("mAP" in name for name in metrics)
    labels = pd.read_csv(project.folder / "results/recordings/seed-0/map/mapping.csv")["label"]
    assert all(label.startswith("cluster-") for label in labels)
    found = read_json(project.folder / "results/recordings/seed-0/propose/proposals.json")["results"]
    assert len(found) == 12


def test_names_run_only_what_follows_the_mapping(project: Project) -> None:
    assert "labels/recordings.0.csv: made" in project.run("hcutal.cli", "names", "recordings")
    path = project.folder / "labels/recordings.0.csv"
    table = pd.read_csv(path)
    path.write_text(table.assign(name=["wave", *[""] * (len(table) - 1)]).to_csv(index=False))
    plan = project.run("hcutal.cli", "run", "-n")
    assert all(f"{stage}@recordings.0" in plan for stage in ("map", "propose", "evaluate", "report"))
    assert "cluster 0 is called wave" in plan
    assert not any(f"{stage}@recordings" in plan for stage in ("prepare", "features", "train"))
    project.run("hcutal.cli", "run", "--cores", "2")
    labels = pd.read_csv(project.folder / "results/recordings/seed-0/map/mapping.csv")["label"]
    assert "wave" in set(labels)
    assert "wave" in (project.folder / "results/recordings/seed-0/propose/proposals.json").read_text()


def test_a_new_recording_is_all_that_is_extracted(project: Project) -> None:
    before = entries(project)
    record(project.folder.parent / "mine", "r99", 99)
    project.run("snakemake", "-c2", "features_recordings")
    after = entries(project)
    assert len(after) == 13
    assert before.items() <= after.items()
