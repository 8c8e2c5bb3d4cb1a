"""runs.json, and the seeds of experiments as they are set."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.files import read_json
from hcutal.params.document import load
from hcutal.pipeline.runs import set_seeds, write_runs

PARAMS = """\
# Mine.
datasets: {toy: {kind: watch}}
presets: {default: {}} # nothing
experiments:
  a: {dataset: toy, seeds: [0], supervision: weak} # the first
  b: {dataset: toy, supervision: weak}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS)
    return tmp_path


def test_runs_are_written_once(project: Path) -> None:
    write_runs(load())
    path = project / "runs.json"
    assert list(read_json(path)["runs"]) == ["a.0", "b.0"]
    before = path.stat().st_mtime_ns
    write_runs(load())
    assert path.stat().st_mtime_ns == before
    path.write_text("{")
    write_runs(load())
    assert list(read_json(path)["runs"]) == ["a.0", "b.0"]


def test_seeds_are_written_with_all_else_as_it_was(project: Path) -> None:
    assert set_seeds(["a", "b"], [0, 2]) == ["a", "b"]
    expected = PARAMS.replace("seeds: [0]", "seeds: [0, 2]").replace(
        "b: {dataset: toy, supervision: weak}", "b: {dataset: toy, supervision: weak, seeds: [0, 2]}"
    )
    assert (project / "params.yaml").read_text() == expected


def test_seeds_that_are_there_leave_the_file_untouched(project: Path) -> None:
    before = (project / "params.yaml").stat().st_mtime_ns
    assert set_seeds(["a", "b"], [0]) == []
    assert (project / "params.yaml").stat().st_mtime_ns == before


def test_seeds_that_cannot_be_leave_the_file_untouched(project: Path) -> None:
    with pytest.raises(HcutalError, match=r"experiments\.a\.seeds"):
        set_seeds(["a"], [1, 1])
    assert (project / "params.yaml").read_text() == PARAMS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seeds", "0,1"], "name the experiments that have them"),
        (["a.0", "--seeds", "0,1"], "name the experiments that have them"),
        (["a", "--seeds", "0,0"], "expected whole numbers, each once, as in 0,1,2"),
        (["a", "--seeds", "one"], "expected whole numbers, each once, as in 0,1,2"),
        (["a", "-n", "--seeds", "0,1"], "leave one of them out"),
        (["a.7"], "no run 'a.7': the seeds of a in params.yaml are 0; hcutal run a --seeds sets them"),
        (["c.0"], "no experiment 'c' in params.yaml; there is a, b"),
    ],
)
def test_what_cannot_run_is_refused(project: Path, arguments: list[str], message: str) -> None:
    for name in ("Snakefile", "dvc.yaml"):
        (project / name).touch()
    result = CliRunner().invoke(main, ["run", *arguments])
    assert result.exit_code != 0
    assert message in result.output
    assert (project / "params.yaml").read_text() == PARAMS
