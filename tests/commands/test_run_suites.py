"""`hcutal run SUITE --data NAME` says what it would train, and what it was not told."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from hcutal.cli import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("params.yaml", "dvc.yaml", "Snakefile"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "labels").mkdir()


def test_a_dry_run_names_the_trainings_that_are_not_made_yet_and_writes_nothing() -> None:
    before = Path("params.yaml").read_bytes()
    made = Path("results/watch/seed-0/train/model.json")
    made.parent.mkdir(parents=True)
    made.write_text("{}")
    done = CliRunner().invoke(main, ["run", "table8", "--data", "watch", "--seeds", "0,1", "-n"])
    assert done.exit_code == 0
    assert "table8 on watch: 3 experiments, 7 trainings, 6 of them not made yet" in done.output
    assert "watch-horizontal.0\nwatch-horizontal.1\nwatch-vertical.0\n" in done.output
    assert "watch.0\n" not in done.output
    assert Path("params.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "watch"], "name the suites to run"),
        (["table9", "--data", "watch"], "no suite 'table9'; there is table2"),
        (["table8", "--data", "wach"], "no data set 'wach'"),
        (
            ["table8", "--data", "watch", "--rules", "best"],
            "--rules: found 'best'; expected some of last, label-free",
        ),
        (["watch", "--rules", "last"], "--rules: is of suites; name a data set"),
        (["table8"], "table8 is a suite: name a data set, as in hcutal run table8 --data watch"),
    ],
)
def test_what_cannot_be_run_is_said(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(main, ["run", *arguments, "-n"])
    assert done.exit_code == 1
    assert message in done.output
