"""Raw data that changes under its old names, and raw data that is away: the real stages on a small imported folder."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from hcutal.files import read_json
from tests.workflow.project import ROOT, Project, commit, git

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("exchanged")]
TARGET = "features_mine"


@pytest.fixture
def project(tmp_path: Path, features_root: Path) -> Project:
    """A project with the folder `mine` beside it, after its features were made."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("Snakefile", "dvc.yaml", "params.yaml", ".dvcignore", ".dvc/config", ".dvc/.gitignore"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "hcutal/project/gitignore", folder / ".gitignore")
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    shutil.copytree(ROOT / "labels", folder / "labels")
    yaml = YAML()
    params = yaml.load(folder / "params.yaml")
    params["datasets"] = {"mine": {"kind": "features", "source": str(features_root)}}
    params["experiments"] = {"mine": {"dataset": "mine", "supervision": "unsupervised"}}
    yaml.dump(params, folder / "params.yaml")
    git(folder, "init", "--quiet")
    commit(folder)
    made = Project(folder, tmp_path / "mlflow.db")
    made.run("snakemake", "-c2", TARGET)
    return made


def store(project: Project, video: str) -> np.ndarray:
    return np.load(project.folder / f"features/mine/rgb/{video}.npy")


def test_an_array_exchanged_under_its_name_and_length_reaches_the_features(
    project: Project, features_root: Path
) -> None:
    path = features_root / "features/train/rgb/v1.npy"
    other = np.load(path) + 1
    np.save(path, other)
    plan = project.run("hcutal.cli", "run", "-n")
    assert "prepare@mine" in plan and "files in its folder were added, removed, renamed or changed" in plan
    project.run("snakemake", "-c2", TARGET)
    np.testing.assert_array_equal(store(project, "v1"), other)
    assert "Nothing to be done" in project.run("snakemake", "-c2", TARGET)


def test_another_split_reaches_the_list_of_recordings(project: Project, features_root: Path) -> None:
    (features_root / "split_train.txt").write_text("v1\n")
    project.run("snakemake", "-c2", TARGET)
    assert read_json(project.folder / "features/mine/features.json")["lengths"] == {"v1": 10, "v3": 10}


def test_raw_data_that_is_away_is_not_needed_for_what_is_there(project: Project, features_root: Path) -> None:
    away = features_root.with_name("away")
    features_root.rename(away)
    assert "Nothing to be done" in project.run("snakemake", "-c2", TARGET)
    assert "prepare@mine" not in project.run("hcutal.cli", "run", "-n")
    # What needs it says so.
    project.replace(
        "params.yaml", "    kind: features\n", "    kind: features\n    prepare: {tolerance: 0.2}\n"
    )
    output = project.run("snakemake", "-c2", TARGET, ok=False)
    assert f"{features_root}: no such folder" in output


def test_what_the_user_owns_is_never_linked(project: Project, features_root: Path) -> None:
    project.run("dvc", "config", "cache.type", "hardlink,symlink")
    shutil.rmtree(project.folder / "features")
    project.run("snakemake", "-c2", TARGET)
    for path in features_root.rglob("*.npy"):
        assert path.stat().st_nlink == 1
        assert path.stat().st_mode & 0o200
        assert not path.is_symlink()
