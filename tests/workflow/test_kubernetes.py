"""Stages as jobs of a Kubernetes, whose server is a stand-in that runs what pods would run (tests/workflow/pods.py)."""

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hcutal.layout import SNAKEMAKE_LOG
from hcutal.pipeline.kubernetes.rendered_jobs import FILE
from tests.workflow.pods import Cluster
from tests.workflow.project import ROOT, Project, kill, make, wait_for

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]
pytest.importorskip("kubernetes", reason="pip install 'hcutal[kubernetes]'")
pytest.importorskip("kubernetes_validate", reason="pip install 'hcutal[dev]'")
RUN = ("hcutal.cli", "run", "--profile", "kubernetes", "a.0")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    yield made
    made.close()


@pytest.fixture
def fresh(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A miniature project without results, on the volume that all pods mount."""
    folder = tmp_path / "volume" / "project"
    folder.mkdir(parents=True)
    make(folder)
    project = Project(folder, None)
    project.replace("workflow/profiles/kubernetes/job.yaml", "/projects", str(folder.parent))
    # Snakemake finds executors on the path alone, not where an installation for development puts them.
    project.replace(
        "workflow/profiles/kubernetes/config.yaml",
        "seconds-between-status-checks: 5",
        "seconds-between-status-checks: 1",
    )
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    monkeypatch.setenv("PYTHONPATH", path)
    project.environment |= {"PYTHONPATH": path, "KUBECONFIG": str(cluster.config)}
    return project


def results(project: Project) -> dict[Path, bytes]:
    folder = project.folder / "results/a/seed-0"
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def jobs_of(project: Project) -> list[dict[str, Any]]:
    """What a dry run has left for people to look at."""
    return list(YAML(typ="safe").load_all(project.folder / FILE))


def first_tries(cluster: Cluster) -> list[dict[str, Any]]:
    """What was submitted, without what was submitted once more."""
    found: dict[str, dict[str, Any]] = {}
    for each in cluster.manifests.values():
        found.setdefault(each["metadata"]["annotations"]["hcutal/stage"], each)
    return list(found.values())


def without_names(manifest: dict[str, Any]) -> dict[str, Any]:
    """A job without its name and what it runs, which Snakemake says."""
    job = copy.deepcopy(manifest)
    del job["metadata"]["name"], job["spec"]["template"]["spec"]["containers"][0]["args"]
    return job


def said(project: Project) -> str:
    log = project.folder / SNAKEMAKE_LOG
    return log.read_text() if log.exists() else ""


def test_stages_in_pods_give_the_bytes_of_a_run_on_this_machine(
    fresh: Project, cluster: Cluster, finished: Project
) -> None:
    fresh.replace(
        "workflow/profiles/stages.yaml", "runtime: 720, gpu: 0}\nfeatures", "runtime: 720, gpu: 1}\nfeatures"
    )
    cluster.needed = {"train_a_0": 10_000}
    said_before = fresh.run(*RUN, "-n")
    rendered = {each["metadata"]["annotations"]["hcutal/stage"]: each for each in jobs_of(fresh)}
    assert f"{len(rendered)} jobs, to look at" in said_before
    assert "not to be run from here" not in said_before
    fresh.run(*RUN)
    assert results(fresh) == results(finished)
    *first, after = cluster.stages()
    assert first == ["prepare_toy", "features_toy", "train_a_0", "train_a_0"]
    assert "after_training" in after
    asked = [m["spec"]["template"]["spec"]["containers"][0]["resources"] for m in cluster.manifests.values()]
    # Killed for memory, and tried again with twice as much; one GPU each time, and none for others.
    assert [each["limits"] for each in asked[1:4]] == [
        {"memory": "4000M"},
        {"memory": "8000M", "nvidia.com/gpu": "1"},
        {"memory": "16000M", "nvidia.com/gpu": "1"},
    ]
    assert "failed, OOMKilled (137)" in said(fresh)
    submitted = {each["metadata"]["annotations"]["hcutal/stage"]: each for each in first_tries(cluster)}
    assert {name: without_names(each) for name, each in rendered.items()} == {
        name: without_names(each) for name, each in submitted.items()
    }


def test_a_pod_that_fits_no_node_says_so_and_an_interrupted_run_deletes_its_jobs(
    fresh: Project, cluster: Cluster
) -> None:
    cluster.node_mb = 1000
    running = fresh.piped(*RUN)
    wait_for(lambda: "prepare_toy: has not begun: Unschedulable: 0/1 nodes are available" in said(fresh))
    assert len(cluster.manifests) == 1
    running.terminate()
    assert running.wait(60) == 128 + 15
    assert cluster.manifests == {}


def test_jobs_that_a_killed_run_left_are_deleted_and_one_that_the_server_refuses_says_why(
    fresh: Project, cluster: Cluster
) -> None:
    cluster.node_mb = 1000
    running = fresh.piped(*RUN)
    wait_for(lambda: len(cluster.manifests) == 1)
    kill(running, stages=True)
    fresh.replace(
        "workflow/profiles/kubernetes/job.yaml", "imagePullPolicy: IfNotPresent", "pullPolicy: Never"
    )
    assert "prepare_toy: Kubernetes refused it" in fresh.run(*RUN, ok=False)
    assert "pullPolicy" in said(fresh)
    assert cluster.manifests == {}
