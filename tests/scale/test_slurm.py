"""Stages as jobs of a Slurm: run by slurm.sh, which starts one; skipped elsewhere."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hcutal.layout import SNAKEMAKE_LOG
from hcutal.params.plain_yaml import read_yaml
from hcutal.pipeline.node_limits import slurm_limits
from tests.workflow.faults import fingerprint
from tests.workflow.project import Project, kill, make
from tests.workflow.test_real import make_small
from tests.workflow.test_recordings import record

pytestmark = pytest.mark.skipif(
    "HCUTAL_SLURM" not in os.environ, reason="tests/scale/slurm.sh starts a Slurm"
)
RUN = ("hcutal.cli", "run", "--profile", "slurm")
SUITE = ("coupling", "--data", "watch", "--seeds", "0")
WAIT_SECONDS = 300


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a run of the miniature project without a cluster makes."""
    folder = tmp_path_factory.mktemp("local")
    make(folder)
    Project(folder, None).run("hcutal.cli", "run", "--cores", "2")
    return fingerprint(folder)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A miniature project without results; its jobs are gone afterwards."""
    folder = tmp_path / "project"
    folder.mkdir()
    make(folder)
    yield Project(folder, None)
    subprocess.run(["scancel", "--user", "root"], check=True)


def job_of(rule: str) -> str:
    """The number of the running job of a rule; waits for it."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        lines = subprocess.run(
            ["squeue", "--noheader", "--states=running", "--format=%i %k"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        for line in lines:
            number, _, comment = line.partition(" ")
            if rule in comment:
                return number
        time.sleep(0.5)
    raise AssertionError(f"no job of {rule}: {lines}")


def test_stages_as_jobs_give_the_bytes_of_a_run_without_a_cluster(
    project: Project, expected: dict[str, str]
) -> None:
    project.run(*RUN)
    assert fingerprint(project.folder) == expected
    assert "Nothing to be done" in project.run(*RUN)
    assert "Nothing to be done" in project.run("hcutal.cli", "run")


def test_a_job_that_lacks_memory_is_tried_again_with_twice_as_much(project: Project) -> None:
    project.replace("workflow/profiles/stages.yaml", "train: {mem_mb: 8000", "train: {mem_mb: 800")
    script = project.folder / "code/train.py"
    hungry = "\nheld = bytearray(700 << 20)\ntime.sleep(8)\n"
    script.write_text(script.read_text().replace("\ndef run(", f"{hungry}\n\ndef run(", 1))
    project.run(*RUN, "a")
    assert "Trying to restart job" in (project.folder / SNAKEMAKE_LOG).read_text()
    assert (project.folder / "results/a/seed-0/train/model.safetensors").exists()


def test_a_stage_that_fits_no_node_is_refused_before_any_begins(project: Project) -> None:
    project.replace("workflow/profiles/stages.yaml", "train: {mem_mb: 8000", "train: {mem_mb: 8000000")
    most = slurm_limits("main").mem_mb
    assert f"train.mem_mb: found 8000000 for train@a.0; expected at most {most} MB" in project.run(
        *RUN, ok=False
    )
    assert project.executed() == []


def test_a_cancelled_job_is_submitted_once_more(project: Project, expected: dict[str, str]) -> None:
    (project.folder / "hold-train").touch()
    running = project.piped(*RUN)
    subprocess.run(["scancel", job_of("train_a_0")], check=True)
    (project.folder / "hold-train").unlink()
    output = running.communicate(timeout=900)[0].decode()
    assert running.returncode == 0, output
    assert fingerprint(project.folder) == expected


def test_a_node_that_goes_down_and_comes_back_costs_its_jobs_alone(
    project: Project, expected: dict[str, str]
) -> None:
    (project.folder / "hold-train").touch()
    running = project.piped(*RUN)
    job_of("train_a_0")
    node = ["scontrol", "update", f"nodename={os.uname().nodename}"]
    subprocess.run([*node, "state=down", "reason=test"], check=True)
    time.sleep(2)
    (project.folder / "hold-train").unlink()
    # One that answers comes back by itself where Slurm is told so; then there is nothing to resume.
    subprocess.run([*node, "state=resume"], check=False)
    output = running.communicate(timeout=900)[0].decode()
    assert running.returncode == 0, output
    assert fingerprint(project.folder) == expected


def test_an_interrupted_run_cancels_its_jobs(project: Project, expected: dict[str, str]) -> None:
    (project.folder / "hold-train").touch()
    running = project.piped(*RUN)
    job_of("train_a_0")
    running.terminate()
    assert running.wait(60) == 128 + 15
    (project.folder / "hold-train").unlink()
    until = time.monotonic() + 60
    while subprocess.run(["squeue", "--noheader"], capture_output=True, check=True).stdout:
        assert time.monotonic() < until, "jobs are left"
        time.sleep(1)
    project.run("hcutal.cli", "run", "--cores", "2")
    assert fingerprint(project.folder) == expected


def test_what_a_killed_run_left_is_cancelled_by_the_next(project: Project, expected: dict[str, str]) -> None:
    (project.folder / "hold-train").touch()
    running = project.piped(*RUN)
    left = job_of("train_a_0")
    kill(running, stages=True)
    (project.folder / "hold-train").unlink()
    output = project.run(*RUN)
    assert "the run before was cut off: its jobs are cancelled" in output
    assert left in output
    assert fingerprint(project.folder) == expected


def test_real_stages_as_jobs_give_the_bytes_of_a_run_without_a_cluster(tmp_path: Path) -> None:
    for name in ("local", "cluster"):
        (tmp_path / name).mkdir()
    local, cluster = make_small(tmp_path / "local"), make_small(tmp_path / "cluster")
    local.run("hcutal.cli", "run", "--cores", "2", "watch")
    cluster.run(*RUN, "watch")
    shutil.rmtree(tmp_path / "local/results/watch/seed-0/report")
    for path in sorted((local.folder / "results/watch").rglob("*")):
        if path.is_file() and path.suffix != ".html":
            other = cluster.folder / path.relative_to(local.folder)
            assert other.read_bytes() == path.read_bytes(), other


def states_of(project: Project) -> Any:
    """What each stage ran with and made, by digests of all files."""
    return read_yaml(project.folder / "dvc.lock")["stages"]


def test_a_suite_as_jobs_gives_the_bytes_of_one_without_a_cluster(tmp_path: Path) -> None:
    for name in ("local", "cluster"):
        (tmp_path / name).mkdir()
    local, cluster = make_small(tmp_path / "local"), make_small(tmp_path / "cluster")
    local.run("hcutal.cli", "run", *SUITE, "--cores", "2")
    cluster.run(*RUN, *SUITE)
    assert len([name for name in states_of(local) if name.startswith("train@")]) == 3
    assert states_of(cluster) == states_of(local)
    # The page of the suite tells the commit, which differs.
    tables = [each.folder / "suites/watch/default/coupling.csv" for each in (local, cluster)]
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_shards_as_jobs_extract_what_one_process_does(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for seed in range(12):
        record(tmp_path / "mine", f"r{seed:02d}", seed)
    outside = Project(tmp_path, None)
    made = {}
    for name, shards in (("local", 1), ("cluster", 3)):
        options = ["--extractor", "vectors", "-o", "fps=10.0", "--videos", "mine"]
        outside.run("hcutal.cli", "new", name, *options)
        made[name] = Project(tmp_path / name, None)
        yaml = YAML()
        params = yaml.load(tmp_path / name / "params.yaml")
        params["datasets"]["recordings"]["features"]["shards"] = shards
        yaml.dump(params, tmp_path / name / "params.yaml")
    made["local"].run("snakemake", "-c2", "features_recordings")
    profile = ["--workflow-profile", "workflow/profiles/slurm"]
    output = made["cluster"].run("snakemake", *profile, "features_recordings")
    assert output.count("submitted with SLURM jobid") >= 5, output
    outs = [states_of(each)["features@recordings"]["outs"] for each in made.values()]
    assert outs[0] == outs[1]
