"""The command: what it writes, what it says, and its exit status."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from hcutal.cli import main
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import read_json
from hcutal.layout import RUN_LOCK, SNAKEMAKE_LOCKS
from tests.apply.conftest import SECONDS, write_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_project()
    return tmp_path


def localize(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["localize", *arguments], catch_exceptions=False)


def test_everything_is_written(project: Path) -> None:
    result = localize(
        "raw", "--run", "exp", "--min-score", "-9", "--format", "elan, audacity,label-studio,boris"
    )
    assert result.exit_code == 0
    segments = pd.read_csv("localized/segments.csv")
    assert f"3 recordings, {len(segments)} segments: localized/timeline.html" in result.output
    names = ["video", "start", "end", "label", "score", "start_frame", "end_frame"]
    assert list(segments.columns) == names
    # Rows of an array are its frames, 50 a second.
    assert (segments["start_frame"] - 50 * segments["start"]).between(-1.1, 0.1).all()
    assert set(segments["video"]) == set(SECONDS)
    proposals = read_predictions("localized/proposals.json")
    assert len(proposals) > len(segments)
    for name in SECONDS:
        for path in (f"elan/{name}.eaf", f"audacity/{name}.txt", f"label-studio/{name}.json"):
            assert (project / "localized" / path).is_file()
    data = read_json("localized/label-studio/a.json")[0]["data"]
    assert data == {"video": "a.npy", "fps": 50.0, "recording": "a"}
    assert sorted(read_json("localized/boris/segments.boris")["observations"]) == sorted(SECONDS)
    assert set(pd.read_csv("localized/summary.csv")["video"]) == set(SECONDS)


def test_another_run_in_the_folder_does_not_stop_it(project: Path) -> None:
    RUN_LOCK.parent.mkdir(parents=True, exist_ok=True)
    SNAKEMAKE_LOCKS.mkdir(parents=True)
    (SNAKEMAKE_LOCKS / "0.input.lock").write_text("held")
    with FileLock(RUN_LOCK, timeout=0):
        assert localize("raw/a.npy", "--run", "exp").exit_code == 0
    assert read_predictions("localized/proposals.json")["video"].unique().tolist() == ["a"]


def test_features_need_no_recording(project: Path) -> None:
    assert localize("features/ds", "--run", "exp", "--out", "one").exit_code == 0
    assert localize("features/ds/gyroscope/a.npy", "--run", "results/exp", "--out", "two").exit_code == 0
    one, two = (read_json(f"{name}/proposals.json")["results"] for name in ("one", "two"))
    assert two == {"a": one["a"]}


def test_fewer_segments_may_be_asked_for(project: Path) -> None:
    localize("raw/b.npy", "--run", "exp", "--min-score", "-9", "--top", "2")
    assert len(pd.read_csv("localized/segments.csv")) == 2
    page = (project / "localized/timeline.html").read_text()
    assert "the best 2 of a recording" in page


def test_one_that_fails_makes_the_status_1_and_stops_nothing(project: Path) -> None:
    Path("raw/broken.npy").write_bytes(b"no array")
    result = localize("raw", "missing.npy", "--run", "exp")
    assert result.exit_code == 1
    assert "failed: missing.npy: no such file" in result.output
    assert "broken.npy" in result.output
    assert sorted(read_json("localized/proposals.json")["results"]) == ["a", "b", "c"]
    assert "missing.npy: no such file" in (project / "localized/timeline.html").read_text()


def test_when_all_fail_nothing_is_written(project: Path) -> None:
    result = localize("missing.npy", "other.npy", "--run", "exp")
    assert result.exit_code == 1
    assert "none of 2 recordings could be localized" in result.output
    assert not Path("localized").exists()


def test_exports_that_are_there_are_kept(project: Path) -> None:
    arguments = ("raw/a.npy", "--run", "exp", "--format", "elan")
    assert localize(*arguments).exit_code == 0
    path = project / "localized/elan/a.eaf"
    path.write_text("corrected by hand")
    result = localize(*arguments)
    assert result.exit_code == 1
    assert "perhaps with somebody's corrections" in result.output
    assert path.read_text() == "corrected by hand"
    assert localize(*arguments, "--force").exit_code == 0
    assert "ANNOTATION_DOCUMENT" in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("raw", "--run", "epx"),
            "run 'epx': found none; expected one that has run (there is exp.0)",
        ),
        (("raw", "--run", "models:/hcutal-exp/1"), "no mlflow.db here"),
        (
            ("raw", "--run", "exp", "--format", "elan,praat"),
            "found 'praat'; expected some of elan, label-studio",
        ),
        (("--run", "exp"), "Missing argument"),
        (("raw",), "Missing option '--run'"),
    ],
)
def test_bad_input_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    result = localize(*arguments)
    assert result.exit_code != 0
    assert message in result.output
