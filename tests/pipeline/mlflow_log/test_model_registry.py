"""The registry: a model that applies the run, a version for each run that is new, and what is no run."""

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np
import pandas as pd
import pytest
from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.scoring_server import invocations
from mlflow.tracking import MlflowClient

from hcutal.apply.trained import RunDescription, RunFiles, find_run
from hcutal.data.store import FeatureStore
from hcutal.errors import HcutalError
from hcutal.files import read_json
from hcutal.localize.choice import Choice
from hcutal.localize.segments import select
from hcutal.pipeline import tracking
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.mlflow_log.mlflow_store import open_store, tracking_uri
from hcutal.pipeline.mlflow_log.model_registry import example_of, fetch_run, files_of, register
from tests.apply.conftest import write_project
from tests.pipeline.tracked import PARAMS

ALL = {"min_score": -9.0}


@pytest.fixture
def project(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a trained run `exp` on the data set `ds`, and an MLflow store without runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_store, tmp_path)
    write_project()
    (tmp_path / "params.yaml").write_text(PARAMS)
    return tmp_path


def features(name: str = "b") -> Any:
    return FeatureStore("features/ds").read(name)


def new_run() -> tuple[MlflowClient, str]:
    client, place = open_store()
    return client, client.create_run(place).info.run_id


def added(files: RunFiles | None = None) -> str:
    client, run = new_run()
    return register(client, run, files or find_run("exp"), features()[:5])


def loaded(address: str = "models:/hcutal-exp/1") -> Any:
    return mlflow.pyfunc.load_model(downloaded(address))


def downloaded(address: str) -> str:
    """Without `mlflow.set_tracking_uri`, which changes the environment of all tests after this one."""
    return download_artifacts(address, tracking_uri=tracking_uri(), registry_uri=tracking_uri())


def with_propose(files: RunFiles, **values: Any) -> RunFiles:
    propose = files.about.propose.model_copy(update=values)
    about = RunDescription.of("exp.0", propose=propose, features=files.about.features)
    return RunFiles(files.model, files.mapping, about)


def stages() -> list[Stage]:
    propose = read_json("resolved.json")["runs"]["exp"]["0"]["propose"]
    data = {"path": "features/ds", "hash": "md5", "md5": "1"}
    entry: dict[str, Any] = {"deps": [], "outs": [data]}
    params = {"resolved.json": {"runs.exp.0.propose": propose}}
    return [
        Stage("features@ds", (), True, True, entry, {}, {}),
        Stage("train@exp.0", (), True, True, entry, {}, {}),
        Stage("map@exp.0", (), True, True, entry, {}, {}),
        Stage("propose@exp.0", (), True, True, {**entry, "params": params}, {}, {}),
    ]


def test_the_model_returns_the_segments_of_the_run(project: Path) -> None:
    assert added() == "models:/hcutal-exp/1"
    model = loaded()
    run = find_run("exp").load()
    expected = select(run.localize(features()).proposals, Choice(min_score=-9.0))
    assert len(expected) == 2
    found = model.predict(features(), params=ALL)
    pd.testing.assert_frame_equal(found, expected)
    pd.testing.assert_frame_equal(model.predict(pd.DataFrame(features()), params=ALL), expected)


def test_a_call_may_say_more(project: Path) -> None:
    added()
    model = loaded()
    found = model.predict(features(), params=ALL)
    assert len(model.predict(features(), params={**ALL, "top": 2})) == 2
    assert len(model.predict(features(), params={**ALL, "overlap": 1.0})) > len(found)
    assert model.predict(features(), params={**ALL, "duration": 4.0})["end"].max() == 4.0
    slow = model.predict(features(), params={**ALL, "fps": 25.0})
    np.testing.assert_allclose(slow[["start", "end"]], 2 * found[["start", "end"]], atol=1e-9)
    assert (model.predict(features())["score"] >= Choice.min_score).all()


def test_signature_and_example_say_what_goes_in_and_out(project: Path) -> None:
    added()
    model = loaded()
    np.testing.assert_array_equal(model.input_example, features()[:5])
    assert model.metadata.signature.inputs.inputs[0].shape == (-1, 48)
    assert model.metadata.signature.outputs.input_names() == ["start", "end", "label", "score"]
    assert model.metadata.signature.params.to_dict()[0]["name"] == "duration"
    with pytest.raises(MlflowException, match="shape"):
        model.predict(features()[:, :40])


def test_the_model_is_no_pickle_and_names_what_it_needs(project: Path) -> None:
    added()
    folder = Path(downloaded("models:/hcutal-exp/1"))
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {"segment_model.py", "artifacts/run/run.json", "artifacts/run/model.safetensors"} <= names
    assert not [name for name in names if name.endswith((".pkl", ".pt", ".bin"))]
    needed = (folder / "requirements.txt").read_text().split()
    assert {line.partition("==")[0] for line in needed} >= {"hcutal", "mlflow", "numpy", "torch"}
    assert all(line.partition("==")[2] and "+" not in line for line in needed)


def test_another_process_loads_it_by_its_address(project: Path) -> None:
    added()
    code = (
        f"import mlflow, numpy as np; mlflow.set_tracking_uri({tracking_uri()!r});"
        "model = mlflow.pyfunc.load_model('models:/hcutal-exp/1');"
        f"model.predict(np.load('joint.npy'), params={ALL}).to_csv('found.csv', index=False)"
    )
    np.save("joint.npy", features())
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment)
    expected = select(find_run("exp").load().localize(features()).proposals, Choice(min_score=-9.0))
    pd.testing.assert_frame_equal(pd.read_csv("found.csv"), expected, check_dtype=False)


def served(**request: Any) -> Any:
    """What MLflow's server answers to a request with a model."""
    model = loaded()
    return invocations(json.dumps(request), "application/json", model, model.metadata.get_input_schema())


def test_a_server_of_the_model_answers_features_with_segments(project: Path) -> None:
    added()
    answer = json.loads(served(inputs=features().tolist(), params=ALL).response)["predictions"]
    expected = select(find_run("exp").load().localize(features()).proposals, Choice(min_score=-9.0))
    assert [row["label"] for row in answer] == expected["label"].tolist()
    assert [row["start"] for row in answer] == pytest.approx(expected["start"].tolist())


@pytest.mark.parametrize(
    "request_of",
    [
        {"inputs": "features/ds/rgb/b.npy"},
        {"inputs": [["/etc/passwd"] * 48]},
        {"inputs": [[0.0] * 48], "params": {"min_score": "/etc/passwd"}},
        {"dataframe_records": [{"path": "/etc/passwd"}]},
    ],
)
def test_a_server_of_the_model_reads_no_file(project: Path, request_of: dict[str, Any]) -> None:
    added()
    with pytest.raises(MlflowException):
        served(**request_of)


def test_only_another_run_is_another_version(project: Path) -> None:
    files = find_run("exp")
    assert [added(), added(), added(with_propose(files, max_per_video=7)), added()] == [
        "models:/hcutal-exp/1",
        "models:/hcutal-exp/1",
        "models:/hcutal-exp/2",
        "models:/hcutal-exp/1",
    ]
    assert fetch_run("models:/hcutal-exp/2").params.max_per_video == 7


def test_what_a_killed_run_left_is_replaced(project: Path) -> None:
    client, run = new_run()
    register(client, run, find_run("exp"), features()[:5])
    client.delete_run(run)
    assert added() == "models:/hcutal-exp/2"
    assert [version.version for version in client.search_model_versions("name = 'hcutal-exp'")] == [2]


def test_runs_are_fetched_by_address_and_by_id(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "read_graph", dict)
    monkeypatch.setattr(tracking, "stages_of", lambda graph, experiment: stages())
    tracking.track("exp")
    client, place = open_store()
    (parent,) = (run for run in client.search_runs([place]) if "hcutal.state" in run.data.tags)
    (tracked,) = (found for found in client.search_runs([place]) if "hcutal.seed" in found.data.tags)
    assert parent.data.tags["hcutal.model"] == tracked.data.tags["hcutal.model"] == "models:/hcutal-exp/1"
    assert client.get_model_version("hcutal-exp", "1").tags["hcutal.run"] == "exp.0"
    run = find_run("exp").load()
    own = tracked.info.run_id
    for address in ("models:/hcutal-exp/1", f"runs:/{own}/model", own, parent.info.run_id):
        fetched = fetch_run(address)
        assert (fetched.name, fetched.params, fetched.features) == (run.name, run.params, run.features)
    for address in ("models:/hcutal-exp/9", "models:/nothing/1", "0" * 32):
        with pytest.raises(HcutalError, match=f"run '{address}': not in MLflow at sqlite:"):
            fetch_run(address)
    Path("mlflow.db").unlink()
    with pytest.raises(HcutalError, match=r"no mlflow\.db here"):
        fetch_run("models:/hcutal-exp/1")


def test_a_state_without_a_run_that_works_is_tracked_and_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Path("results/exp/seed-0/train/model.safetensors").write_bytes(b"no tensors")
    monkeypatch.setattr(tracking, "read_graph", dict)
    monkeypatch.setattr(tracking, "stages_of", lambda graph, experiment: stages())
    with caplog.at_level(logging.WARNING):
        tracking.track("exp")
    client, place = open_store()
    (parent,) = (run for run in client.search_runs([place]) if "hcutal.state" in run.data.tags)
    (run,) = (found for found in client.search_runs([place]) if "hcutal.seed" in found.data.tags)
    assert (parent.info.status, run.info.status) == ("FINISHED", "FINISHED")
    assert not {"hcutal.model"} & {*parent.data.tags, *run.data.tags}
    assert "model.safetensors: does not fit" in run.data.tags["hcutal.model_missing"]
    assert "exp.0: tracked without a model:" in caplog.text
    assert client.search_registered_models() == []


def test_the_state_is_that_of_the_lock_and_not_of_the_parameters(project: Path) -> None:
    parts = stages()
    parts[3].entry["params"]["resolved.json"]["runs.exp.0.propose"]["max_per_video"] = 5
    assert files_of(parts, "exp.0").load().params.max_per_video == 5
    np.testing.assert_array_equal(example_of(parts), features("a")[:16])
    with pytest.raises(HcutalError, match=r"exp\.0: no stage map; expected features, train, map and propose"):
        files_of([stage for stage in parts if stage.kind != "map"], "exp.0")
