"""Jobs of two hosts in one folder: run by two_hosts.sh, which starts them; skipped elsewhere.

The hosts are nodes of Slurm on one machine with a name and processes of their own, on a local file system: a number
of a process says nothing on the other host, and often is that of another process there.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.scale.test_slurm import RUN, job_of
from tests.workflow.faults import fingerprint
from tests.workflow.project import PARAMS, Project, make, wait_for

pytestmark = pytest.mark.skipif(
    "HCUTAL_SLURM_HOSTS" not in os.environ, reason="tests/scale/two_hosts.sh starts two hosts"
)
SEEDS = PARAMS.partition("  b:")[0].replace("train:", "seeds: [0, 1], train:")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a run on one host makes."""
    project = laid_out(tmp_path_factory.mktemp("local"))
    project.run("hcutal.cli", "run", "--cores", "2")
    return fingerprint(project.folder)


def laid_out(folder: Path) -> Project:
    """A miniature project with two runs: each host has one core, for one training."""
    make(folder)
    (folder / "params.yaml").write_text(SEEDS)
    # Twice that, for a job that is submitted once more, must fit on a host.
    project = Project(folder, None)
    project.replace("workflow/profiles/stages.yaml", "train: {mem_mb: 8000", "train: {mem_mb: 2000")
    return project


def begun(project: Project) -> set[str]:
    """The stages that have begun."""
    log = project.folder / "executed.log"
    return {line.split()[0] for line in log.read_text().splitlines()} if log.exists() else set()


def hosts_of(project: Project) -> set[str]:
    """Where the present results were made."""
    records = (project.folder / ".hcutal/executions").glob("??/*.json")
    return {json.loads(path.read_bytes())["machine"] for path in records}


def test_jobs_of_two_hosts_at_once_give_the_bytes_of_one(tmp_path: Path, expected: dict[str, str]) -> None:
    project = laid_out(tmp_path)
    (project.folder / "hold-train").touch()
    running = project.piped(*RUN)
    # Both hosts are in the middle of a stage, and then end it at the same time.
    wait_for(lambda: begun(project) >= {"train@a.0", "train@a.1"}, 600)
    (project.folder / "hold-train").unlink()
    output = running.communicate(timeout=1200)[0].decode()
    assert running.returncode == 0, output
    assert hosts_of(project) >= {"one", "two"}
    assert fingerprint(project.folder) == expected
    assert "Nothing to be done" in project.run(*RUN)


def test_what_was_killed_on_one_host_is_made_on_another(tmp_path: Path, expected: dict[str, str]) -> None:
    project = laid_out(tmp_path)
    (project.folder / "hold-train").touch()
    running = project.piped(*RUN)
    wait_for(lambda: "train@a.0" in begun(project), 600)
    subprocess.run(["scancel", "--full", "--signal=KILL", job_of("train_a_0")], check=True)
    locks = project.folder / ".dvc/tmp/rwlock"
    # The number that the killed DVC had is one of a live process on every host.
    text = locks.read_text()
    listed = json.loads(text)
    for holder in listed["write"].values():
        if "train@a.0" in holder["cmd"]:
            holder["pid"] = 1
    locks.write_text(json.dumps(listed))
    (project.folder / "hold-train").unlink()
    output = running.communicate(timeout=1200)[0].decode()
    assert running.returncode == 0, output
    assert "which is no DVC here" in output
    assert fingerprint(project.folder) == expected
