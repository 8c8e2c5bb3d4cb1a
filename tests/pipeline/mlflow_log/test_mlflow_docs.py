"""The table of experiments by the code in docs/mlflow.md, as it stands there."""

import shutil
import textwrap
from pathlib import Path

import pytest

from hcutal.pipeline import tracking
from tests.pipeline.tracked import lay_out, stages

PAGE = Path(__file__).resolve().parents[3] / "docs/mlflow.md"


def test_the_code_of_the_page_shows_the_experiments(
    empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(empty_store, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    lay_out(tmp_path, average_map=0.75)
    monkeypatch.setattr(tracking, "read_graph", dict)
    monkeypatch.setattr(tracking, "stages_of", lambda graph, experiment: stages())
    tracking.track("a")
    lines = PAGE.read_text().split("\n## In Python\n")[1].splitlines()
    code = textwrap.dedent("\n".join(line for line in lines if line.startswith("    ")))
    capsys.readouterr()
    exec(compile(code, str(PAGE), "exec"), {})
    row = capsys.readouterr().out.splitlines()[-1].split()
    assert row == ["a", "0,", "1", "0.75", "0.375"]
