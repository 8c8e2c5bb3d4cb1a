"""The train stage as a job of the pipeline, really killed: the next run goes on where it was."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import psutil
import pytest
from ruamel.yaml import YAML

from hcutal.code import code_digests
from hcutal.data.store import write_store
from hcutal.data.times import SnippetTimes
from hcutal.files import write_json
from hcutal.model.resumption import read_state
from tests.workflow.project import ROOT

pytestmark = pytest.mark.workflow
VIDEOS = [f"v{index}" for index in range(12)]
WARM_UP, STEPS = 100, 300
TRAIN = {
    "snippets": 12,
    "steps": STEPS,
    "batch": 6,
    "pairs": 2,
    "embedding": 8,
    "refresh": 20,
    "video": {
        "clusters": 3,
        "hidden": 8,
        "warmup": WARM_UP,
        "restarts": 2,
        "pooling": "mean",
        "neighbours": {"count": 3},
        "components": 1.25,
    },
}
JOB = [sys.executable, "-m", "hcutal.pipeline.run_stage", "train@exp.0", "--log", "train.log"]
STATE = Path(".hcutal/training/exp.0/state")
LIVE = Path(".hcutal/live/exp.0.csv")
RESULTS = Path("results/exp/seed-0/train")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project with the train stage of dvc.yaml alone, and what it depends on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.setenv("HCUTAL_STATE_SECONDS", "0.05")
    stage: dict[str, Any] = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]["train"]
    stage["foreach"] = {
        "exp.0": {"experiment": "exp", "seed": 0, "dataset": "ds", "supervision": "unsupervised"}
    }
    YAML().dump({"stages": {"train": stage}}, Path("dvc.yaml"))
    Path(".dvc").mkdir()
    Path(".dvc/config").write_text((ROOT / ".dvc/config").read_text() + "    no_scm = true\n")
    write_json("code.json", code_digests())
    write_json("resolved.json", {"runs": {"exp": {"0": {"train": TRAIN}}}})
    rng = np.random.default_rng(0)
    with write_store(Path("features/ds"), "test", SnippetTimes(1.0, 1, 1)) as store:
        for index, video in enumerate(VIDEOS):
            values = rng.normal(size=(15, 4)).astype(np.float32)
            values[5:9, index % 3] += 3
            store.add(video, {"a": values})
    write_json("data/ds/supervision/unsupervised.json", {"supervision": "unsupervised", "labels": None})
    table = pd.DataFrame({"video": VIDEOS, "subset": "train", "duration": 15.0})
    table.to_csv("data/ds/videos.csv", index=False)


def steps_kept() -> int:
    """The steps of the state on disk."""
    values, _ = read_state(STATE) or ({}, {})
    if not values:
        return 0
    joint = max(0, len(values["curves"]) - WARM_UP)
    return int(len(values["finished"]) * WARM_UP + len(values["rows"]) + joint)


def stop_at(step: int, number: signal.Signals) -> None:
    """Start the job and end it, with all that it started, once a step's state is kept."""
    with Path("job.log").open("ab") as log:
        job = subprocess.Popen(JOB, stdout=log, stderr=log, start_new_session=True)
    until = time.monotonic() + 120
    while steps_kept() < step and job.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert job.poll() is None, Path("train.log").read_text()
    family = [psutil.Process(job.pid), *psutil.Process(job.pid).children(recursive=True)]
    # Asked to end, the job ends the others.
    for process in family if number == signal.SIGKILL else family[:1]:
        process.send_signal(number)
    job.wait()
    assert not psutil.wait_procs(family, timeout=60)[1]


def complete() -> str:
    """Run the job to its end; what the stage said."""
    subprocess.run(JOB, check=True, capture_output=True)
    return Path("train.log").read_text()


def outputs() -> dict[str, bytes]:
    return {
        str(path.relative_to(RESULTS)): path.read_bytes() for path in RESULTS.rglob("*") if path.is_file()
    }


def test_a_killed_training_goes_on_and_gives_the_same_bytes() -> None:
    said = complete()
    assert "goes on" not in said
    expected = outputs()
    assert len(expected) == 6
    assert not STATE.parent.exists()
    for path in ("results", ".dvc/cache", ".dvc/tmp", "dvc.lock"):
        shutil.rmtree(path) if Path(path).is_dir() else Path(path).unlink()
    # In the second warm-up, and in joint training.
    for step, number in ((WARM_UP + 1, signal.SIGKILL), (2 * WARM_UP + 50, signal.SIGTERM)):
        stop_at(step, number)
        # DVC removes what a stage wrote before it runs again; the state stands elsewhere.
        assert not RESULTS.exists() or not outputs()
        assert steps_kept() >= step
    assert f"train: goes on at step {steps_kept()} of {2 * WARM_UP + STEPS} (state of" in complete()
    assert outputs() == expected
    assert not STATE.parent.exists()
    assert LIVE.read_bytes() == expected["curves.csv"]
    client = mlflow.MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    [run] = client.search_runs([client.get_experiment_by_name("hcutal").experiment_id])
    points = client.get_metric_history(run.info.run_id, "curves/total")
    assert [point.step for point in points] == list(range(1, WARM_UP + STEPS + 1))
