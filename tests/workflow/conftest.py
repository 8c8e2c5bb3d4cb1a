import shutil
from pathlib import Path

import pytest

from tests.workflow.project import Project, commit, make


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A miniature project after its first complete run, committed."""
    folder = tmp_path_factory.mktemp("finished")
    make(folder)
    project = Project(folder, tmp_path_factory.mktemp("store") / "mlflow.db")
    project.run("snakemake", "-c2")
    commit(folder)
    return project


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project, with the same MLflow store, that a test may change."""
    folder = tmp_path / "project"
    shutil.copytree(finished.folder, folder, symlinks=True)
    copy = Project(folder, finished.store)
    copy.executed()
    return copy
