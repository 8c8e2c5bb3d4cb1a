"""Projects for the data sets of the paper: its sizes and its protocol, with numbers written here by hand."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.params.document import load, resolve
from hcutal.pipeline.add_dataset import add_paper_dataset
from hcutal.pipeline.new_project import new_features_project
from hcutal.pipeline.suite_runs.suite_values import variant_sections
from hcutal.suites.variants import VARIANTS
from tests.doctor.thumos_like import ThumosLike

USUAL = {"fps": 25.0, "snippet_frames": 16}
TENTHS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
TWENTIETHS = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
LOW = [0.0, 0.015, 0.03, 0.045, 0.06, 0.075, 0.09, 0.105]
# clusters, T, theta_class, theta_act, NMS, tIoU of the evaluation; § 4.2.
PRINTED: dict[str, tuple[Any, ...]] = {
    "thumos14": (20, 750, 0.2, [0.325, 0.35, 0.375], 0.55, TENTHS),
    "activitynet12": (100, 50, 0.1, LOW, 0.7, TWENTIETHS),
    "activitynet13": (200, 50, 0.1, LOW, 0.7, TWENTIETHS),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "THUMOS14"
    folder.mkdir()
    ThumosLike(folder).write()
    return folder


def experiments(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = resolve(load(project / "params.yaml"), labels=project / "labels")["experiments"]
    return found


@pytest.mark.parametrize("name", PRINTED)
def test_a_project_has_the_sizes_and_the_protocol_of_the_paper(root: Path, tmp_path: Path, name: str) -> None:
    new_features_project(tmp_path / "project", root, USUAL, name)
    found = experiments(tmp_path / "project")
    clusters, snippets, theta_class, theta_act, nms, tiou = PRINTED[name]
    paper = found[f"{name}-paper-mapped"]
    assert paper["train"]["supervision"] == "mapped"
    assert paper["train"]["snippets"] == snippets
    assert paper["train"]["learning_rate"] == 0.0001
    assert (paper["train"]["video"]["tau_h"], paper["train"]["video"]["tau_v"]) == (0.4, 0.9)
    assert (paper["train"]["boundary"]["q"], paper["train"]["boundary"]["tau"]) == (150.0, 0.07)
    assert paper["train"]["instance"]["tau"] == 0.07
    assert paper["propose"]["thresholds"] == {"cas": theta_act, "actionness": None, "magnitude": None}
    assert paper["propose"]["suppression"]["hard"]["tiou"] == nms
    for each in found.values():
        assert each["train"]["video"]["clusters"] == clusters
        assert each["propose"]["class_threshold"] == theta_class
        assert each["evaluate"]["tiou"] == tiou
        assert each["evaluate"]["error_bins"] == ("thumos14" if name == "thumos14" else "activitynet")


def test_our_best_values_stand_beside_those_of_the_paper(root: Path, tmp_path: Path) -> None:
    new_features_project(tmp_path / "project", root, USUAL, "activitynet12")
    ours = experiments(tmp_path / "project")["activitynet12"]
    assert ours["train"]["supervision"] == "unsupervised"
    assert ours["train"]["snippets"] == {"quantile": 0.9, "part": 0.5, "most": 750}
    assert ours["propose"]["suppression"] == {"soft": {"sigma": 0.3}}
    assert ours["propose"]["thresholds"]["cas"] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    # A variant that borrows of the paper takes what it has for this data set.
    document = load(tmp_path / "project/params.yaml")
    borrowed = variant_sections(document, VARIANTS["paper-thresholds"], "activitynet12", "default")
    assert borrowed == {"propose": {"thresholds": {"cas": LOW}}}


def test_the_experiments_are_those_of_the_table(root: Path, tmp_path: Path) -> None:
    new_features_project(tmp_path / "project", root, USUAL, "thumos14")
    document = load(tmp_path / "project/params.yaml")
    assert list(document.datasets) == ["thumos14"]
    assert {name: (each.preset, each.supervision) for name, each in document.experiments.items()} == {
        "thumos14": ("default", "unsupervised"),
        "thumos14-weak": ("default", "weak"),
        "thumos14-mapped": ("default", "mapped"),
        "thumos14-paper-weak": ("paper", "weak"),
        "thumos14-paper-mapped": ("paper", "mapped"),
        "thumos14-paper-full": ("paper", "unsupervised"),
    }
    assert {tuple(each.seeds) for each in document.experiments.values()} == {(0, 1, 2)}


def test_the_command_makes_a_project_that_runs(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(main, ["new", "thumos", "--features", str(root), "--as", "thumos14"])
    assert made.exit_code == 0, made.output
    assert "classes of THUMOS'14: 20" in made.output and "recordings: 36" in made.output
    monkeypatch.chdir(tmp_path / "thumos")
    shown = CliRunner().invoke(main, ["run", "table2", "--data", "thumos14", "-n"])
    assert shown.exit_code == 0, shown.output
    assert "table2 on thumos14: 3 experiments, 9 runs, 9 of them not made yet" in shown.output


def test_features_of_another_data_set_make_a_project_too(root: Path, tmp_path: Path) -> None:
    new_features_project(tmp_path / "project", root, USUAL)
    found = experiments(tmp_path / "project")
    assert list(found) == ["features"]
    assert found["features"]["train"]["video"]["clusters"] == 2


def test_nothing_is_left_of_a_folder_that_cannot_be_used(root: Path, tmp_path: Path) -> None:
    (root / "gt.json").unlink()
    with pytest.raises(HcutalError, match=r"gt\.json: no such file"):
        new_features_project(tmp_path / "project", root, USUAL, "thumos14")
    assert not (tmp_path / "project").exists()
    result = CliRunner().invoke(main, ["new", str(tmp_path / "project"), "--as", "thumos14"])
    assert result.exit_code == 1 and "name one folder: --videos, or --features" in result.output


def test_a_data_set_of_the_paper_joins_a_project(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_features_project(tmp_path / "project", root, USUAL, "activitynet13")
    monkeypatch.chdir(tmp_path / "project")
    add_paper_dataset(Path("params.yaml"), "thumos14", root, USUAL)
    found = experiments(Path())
    assert found["thumos14-paper-mapped"]["train"]["snippets"] == 750
    assert found["activitynet13-paper-mapped"]["train"]["snippets"] == 50
    with pytest.raises(HcutalError, match=r"datasets\.thumos14 exists already"):
        add_paper_dataset(Path("params.yaml"), "thumos14", root, USUAL)


def test_options_of_the_other_kind_of_folder_are_refused(root: Path, tmp_path: Path) -> None:
    new = ["new", str(tmp_path / "project")]
    result = CliRunner().invoke(main, [*new, "--videos", str(root), "--fps", "30", "--trim", "1"])
    assert result.exit_code == 1
    assert (
        "--fps, --trim: of features alone; of recordings they are parameters of the extractor"
        in result.output
    )
    result = CliRunner().invoke(main, [*new, "--features", str(root), "--clusters", "3"])
    assert result.exit_code == 1 and "--clusters: of recordings alone; leave them out" in result.output
    assert not (tmp_path / "project").exists()
