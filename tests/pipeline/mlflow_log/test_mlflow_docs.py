"""The table of experiments by the code in docs/mlflow.md, as it stands there."""

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from hcutal.pipeline import tracking
from tests.pipeline.tracked import lay_out, stages

PAGE = Path(__file__).resolve().parents[3] / "docs/mlflow.md"


def test_the_code_of_the_page_shows_the_experiments(
    empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    # A process of its own: `mlflow.set_tracking_uri` changes the environment of all tests after it.
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    row = ran.stdout.splitlines()[-1].split()
    assert row == ["a", "0,", "1", "0.75", "0.375"]
