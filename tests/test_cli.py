import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from hcutal.cli import main

PARAMS = """\
datasets: {toy: {kind: watch}}
presets: {default: {}}
experiments: {a: {dataset: toy, supervision: weak, train: {steps: 7}}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / "params.yaml").write_text(PARAMS)
    return tmp_path


def test_help_imports_nothing_slow() -> None:
    slow = ("torch", "mlflow", "pandas", "sklearn", "dvc", "snakemake", "numpy", "pydantic")
    code = f"import sys, hcutal.cli; print([m for m in {slow} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_help_lists_the_commands() -> None:
    output = CliRunner().invoke(main, ["--help"]).output
    assert all(command in output for command in ("run", "ui", "params", "compare", "import"))


def test_unknown_experiment_is_refused_with_the_list(project: Path) -> None:
    for name in ("Snakefile", "dvc.yaml"):
        (project / name).touch()
    result = CliRunner().invoke(main, ["run", "b"])
    assert result.exit_code == 1
    assert "no experiment 'b' in params.yaml; there is a" in result.output


def test_run_in_a_folder_of_a_project_names_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Snakefile", "dvc.yaml", "sub/file"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).touch()
    monkeypatch.chdir(project / "sub")
    assert (
        f"this is a folder of the project {project}: run this there"
        in CliRunner().invoke(main, ["run"]).output
    )


def test_run_outside_of_a_project_says_so(project: Path) -> None:
    assert "no Snakefile, dvc.yaml" in CliRunner().invoke(main, ["run"]).output


def test_params_shows_the_effective_values(project: Path) -> None:
    assert "experiments: a" in CliRunner().invoke(main, ["params"]).output
    shown = CliRunner().invoke(main, ["params", "a"]).output
    assert "steps: 7" in shown
    assert "supervision: weak" in shown


def test_params_names_the_bad_key(project: Path) -> None:
    (project / "params.yaml").write_text(PARAMS.replace("steps", "stepz"))
    assert "experiments.a.train.stepz: unknown key" in CliRunner().invoke(main, ["params"]).output


def test_ui_before_any_run_says_how_to_start(project: Path) -> None:
    result = CliRunner().invoke(main, ["ui"])
    assert result.exit_code == 1
    assert "hcutal run" in result.output


def test_run_refuses_a_folder_that_a_live_run_holds(project: Path) -> None:
    for name in ("Snakefile", "dvc.yaml"):
        (project / name).touch()
    script = project / "snakemake-stand-in.py"
    script.write_text("import time; time.sleep(60)")
    process = subprocess.Popen([sys.executable, str(script)])
    try:
        time.sleep(0.3)
        output = CliRunner().invoke(main, ["run"]).output
    finally:
        process.kill()
        process.wait()
    assert f"process {process.pid} is running here" in output


def test_a_command_line_that_ends_searches_for_no_cycles() -> None:
    lines = ["import gc, sys", "class Loop:", "    def __del__(self): print('searched')"]
    lines += ["gc.disable()", "loop = Loop()", "loop.itself = loop"]
    for first, said in (("", "searched\n"), ("import hcutal.entry\n", "")):
        code = first + "\n".join(lines)
        assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True).stdout == said
