"""`hcutal run SUITE --data NAME` says what it would train, and what it was not told."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.files import write_json
from hcutal.layout import execution

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
    assert (
        "table8 on watch: 3 experiments, 7 runs, 6 of them not made yet: 6 trainings; "
        "how long they take is not known: none was made on this data" in done.output
    )
    assert "watch-horizontal.0\nwatch-horizontal.1\nwatch-vertical.0\n" in done.output
    assert "watch.0\n" not in done.output
    assert "watch has seeds 2 beside these in params.yaml, which are run as well" in done.output
    assert Path("params.yaml").read_bytes() == before


def test_a_dry_run_says_how_long_by_what_trainings_on_the_same_data_took() -> None:
    for number, (stage, seconds) in enumerate(
        [("train@watch.0", 100), ("train@watch.1", 300), ("train@watch.2", 240), ("map@watch.0", 60)]
    ):
        write_json(execution(f"{number:02d}"), {"stage": stage, "started": 1000.0, "ended": 1000.0 + seconds})
    # Of other data, and of no experiment any more.
    write_json(execution("aa"), {"stage": "train@simulated.0", "started": 0.0, "ended": 9000.0})
    write_json(execution("ab"), {"stage": "train@gone.0", "started": 0.0, "ended": 9000.0})
    arguments = ["run", "figure4", "--data", "watch", "--seeds", "0", "--cores", "2", "-n"]
    done = CliRunner().invoke(main, arguments)
    # watch has three seeds, the three other variants one: 6 times (240 + 60) s by two.
    assert (
        "figure4 on watch: 4 experiments, 6 runs, 6 of them not made yet: 6 trainings; "
        "about 15 min with 2 at once (by 3 on the same data)" in done.output
    )


def test_experiments_that_share_a_training_count_as_one() -> None:
    done = CliRunner().invoke(main, ["run", "proposals", "--data", "simulated", "--seeds", "0", "-n"])
    assert "6 experiments, 6 runs, 6 of them not made yet: 1 training;" in done.output


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
        (["watch", "--class", "run"], "--class: is of suites; name a data set"),
        (
            ["table8", "--data", "watch", "--recordings", "a"],
            "--recordings, --class: are of figures; name one",
        ),
        (["figure4"], "figure4 is a suite: name a data set"),
        (["table8"], "table8 is a suite: name a data set, as in hcutal run table8 --data watch"),
    ],
)
def test_what_cannot_be_run_is_said(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(main, ["run", *arguments, "-n"])
    assert done.exit_code == 1
    assert message in done.output
