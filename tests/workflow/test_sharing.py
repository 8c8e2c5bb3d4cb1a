"""Results at a DVC remote: a colleague's clone has them, without the raw data and with no stage run."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.workflow.faults import RESULTS, fingerprint
from tests.workflow.project import Project, commit, git

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("sharing")]


def with_remote(project: Project, url: str) -> None:
    project.run("dvc", "remote", "add", "--default", "--force", "store", url)
    commit(project.folder)


def colleague(project: Project, folder: Path) -> Project:
    """A clone with a store of MLflow of its own."""
    git(project.folder, "clone", "--quiet", str(project.folder), str(folder))
    return Project(folder, folder / "mlflow.db")


def is_complete(clone: Project) -> None:
    """Nothing runs in a clone, and it has every result."""
    assert "Nothing to be done" in clone.run("hcutal.cli", "run", "-n") or (
        "everything is up to date" in clone.run("hcutal.cli", "run", "-n")
    )
    assert clone.executed() == []


def test_a_clone_has_every_result_after_a_pull(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    assert "pushed" in project.run("hcutal.cli", "share", "push")
    clone = colleague(project, tmp_path / "clone")
    assert "pulled" in clone.run("hcutal.cli", "share", "pull")
    is_complete(clone)
    for name in RESULTS:
        assert (clone.folder / name).exists(), name


def test_an_edit_that_is_taken_back_costs_nothing_at_a_colleague(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    before = (project.folder / "params.yaml").read_text()
    project.replace("params.yaml", "steps: 10", "steps: 11")
    project.stages()
    commit(project.folder)
    project.run("hcutal.cli", "share", "push")
    clone = colleague(project, tmp_path / "clone")
    clone.run("hcutal.cli", "share", "pull")
    (clone.folder / "params.yaml").write_text(before)
    clone.stages()
    assert clone.executed() == []


def test_what_was_pushed_in_part_is_pulled_and_the_rest_made(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    project.run("hcutal.cli", "share", "push")
    objects = sorted(path for path in (tmp_path / "store/files/md5").glob("??/*") if path.is_file())
    for path in objects[::3]:
        path.unlink()
    clone = colleague(project, tmp_path / "clone")
    output = clone.run("hcutal.cli", "share", "pull", ok=False)
    assert "Traceback" not in output
    assert "the rest was never pushed" in output
    clone.stages()
    assert {
        name: digest for name, digest in fingerprint(clone.folder).items() if name.startswith("results/a")
    } == {
        name: digest for name, digest in fingerprint(project.folder).items() if name.startswith("results/a")
    }


def test_two_people_push_at_once(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    other = tmp_path / "other"
    shutil.copytree(project.folder, other, symlinks=True)
    pushing = [each.piped("hcutal.cli", "share", "push") for each in (project, Project(other, None))]
    for process in pushing:
        output = process.communicate(timeout=120)[0].decode()
        assert process.returncode == 0, output
    clone = colleague(project, tmp_path / "clone")
    clone.run("hcutal.cli", "share", "pull")
    is_complete(clone)


def test_where_there_is_no_remote_it_says_how_to_name_one(project: Project) -> None:
    output = project.run("hcutal.cli", "share", "push", ok=False)
    assert "no default remote; name one: dvc remote add -d store" in output
    assert "no DVC remote 'x'; there is none" in project.run(
        "hcutal.cli", "share", "pull", "--remote", "x", ok=False
    )


def test_a_remote_that_cannot_be_reached_is_said_in_a_line(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with_remote(project, str(tmp_path / "file/below"))
    output = project.run("hcutal.cli", "share", "push", ok=False)
    assert "Traceback" not in output
    assert len(output.splitlines()) <= 3, output
    assert "dvc push failed" in output


def test_a_project_that_has_not_run_has_nothing_to_share(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    (project.folder / "dvc.lock").unlink()
    assert "nothing has run yet" in project.run("hcutal.cli", "share", "push", ok=False)
    assert subprocess.run(["git", "status"], cwd=project.folder, check=True, capture_output=True).stdout
