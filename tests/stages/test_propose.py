from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hcutal.cluster.mapping import MappingRow, write_mapping
from hcutal.data.store import FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import read_json, write_json
from hcutal.localize.merge import class_map
from hcutal.model.checkpoint import Activation
from hcutal.params.propose import ProposeParams
from hcutal.stages import propose as stage

ROWS = [MappingRow(0, "run", 3, 3, 1), MappingRow(1, "jump", 2, 2, 1), MappingRow(2, "run", 1, 2, 1)]


@dataclass(frozen=True)
class Shape:
    outputs: int = 3


@dataclass(frozen=True)
class Network:
    shape: Shape = Shape()


@dataclass(frozen=True)
class FakeModel:
    """Takes the first three feature columns as the CAS; looks at no more than 20 snippets."""

    streams: dict
    network: Network = Network()

    def cas(self, features, snippets):
        rows = np.arange(len(features)) if len(features) <= 20 else np.arange(20) * len(features) // 20
        cas = features[rows, :3]
        scores = np.exp(cas.max(axis=0)) / np.exp(cas.max(axis=0)).sum()
        return Activation(rows, cas, scores, cas.sum(axis=1), np.linalg.norm(features[rows], axis=1))


def features(length, column, first, last):
    values = np.zeros((length, 4), dtype=np.float32)
    values[first:last, column] = 5
    return values


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_json(
        "resolved.json",
        {
            "runs": {
                "exp": {"0": {"propose": {"thresholds": {"cas": [0.3, 0.5]}, "suppression": {"hard": {}}}}}
            }
        },
    )
    with write_store("features/ds", "made up", SnippetTimes(10, 5, 5)) as writer:
        for video, values in {
            "train": features(10, 0, 2, 4),
            "short": features(20, 0, 4, 12),
            "long": features(200, 1, 100, 150),
            "still": features(10, 0, 0, 0),
        }.items():
            writer.add(video, {"one": values[:, :3], "two": values[:, 3:]})
    Path("data/ds").mkdir(parents=True)
    Path("data/ds/videos.csv").write_text(
        "video,subset,duration\ntrain,train,5\nlong,test,nan\nshort,test,10\nstill,test,5\n"
    )
    write_mapping("results/exp/seed-0/map/mapping.csv", ROWS)
    monkeypatch.setattr(stage, "load_model", lambda folder: FakeModel({"one": 3, "two": 1}))
    return tmp_path


def test_writes_proposals_at_the_right_times(project):
    stage.run("exp.0", "ds")
    table = read_predictions("results/exp/seed-0/propose/proposals.json")
    assert list(read_json("results/exp/seed-0/propose/proposals.json")["results"]) == [
        "long",
        "short",
        "still",
    ]
    best = table.groupby("video", observed=True).first()
    assert best["label"].astype(str).to_dict() == {"long": "jump", "short": "run"}
    # Half a second a snippet; the long video has a value every 5 s, so its edges lie between two of them.
    np.testing.assert_allclose(best.loc["short", ["start", "end"]].astype(float), [2, 6], atol=0.2)
    np.testing.assert_allclose(best.loc["long", ["start", "end"]].astype(float), [50, 75], atol=4)
    with np.load("results/exp/seed-0/propose/cas.npz", allow_pickle=False) as cas:
        assert cas["classes"].tolist() == ["jump", "run"]
        assert {name: cas[name].shape for name in ("long", "short", "still")} == {
            "long": (20, 2),
            "short": (20, 2),
            "still": (10, 2),
        }
        np.testing.assert_array_equal(cas["short"][:, 1], features(20, 0, 4, 12)[:, 0])
    metrics = read_json("results/exp/seed-0/propose/metrics.json")
    assert (metrics["videos"], metrics["videos_without_proposals"]) == (3, 1)
    assert metrics["proposals"] == len(table)


def test_same_input_same_bytes(project):
    folder = project / "results/exp/seed-0/propose"
    stage.run("exp.0", "ds")
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    stage.run("exp.0", "ds")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert first.keys() == {"proposals.json", "training.json", "cas.npz", "metrics.json"}


def test_recordings_that_are_only_trained_on_are_localized_apart_where_they_are_asked_for(project):
    folder = project / "results/exp/seed-0/propose"
    stage.run("exp.0", "ds")
    tested = (folder / "proposals.json").read_bytes()
    assert read_json(folder / "training.json")["results"] == {}
    resolved = read_json("resolved.json")
    resolved["runs"]["exp"]["0"]["propose"]["training"] = True
    write_json("resolved.json", resolved)
    stage.run("exp.0", "ds")
    assert (folder / "proposals.json").read_bytes() == tested
    found = read_predictions(folder / "training.json")
    assert set(found["video"]) == {"train"} and "run" in set(found["label"])
    store, best = FeatureStore("features/ds"), found.iloc[0]
    assert 0 < best["end"] - best["start"] < store.meta.times.end(store.length("train"))


def test_without_names_there_are_no_proposals(project):
    store = FeatureStore("features/ds")
    model = FakeModel(store.meta.streams)
    proposals, cas = stage.propose(model, store, {"short": 10.0}, class_map([], 3), ProposeParams())
    assert proposals["short"].empty and cas["short"].shape == (20, 0)
    assert stage.summary(proposals)["proposals"] == 0


def test_bad_input_is_refused(project, monkeypatch):
    write_mapping("results/exp/seed-0/map/mapping.csv", [MappingRow(9, "run", 1, 1, 1)])
    with pytest.raises(HcutalError, match="names cluster 9, but the model has 3 columns"):
        stage.run("exp.0", "ds")
    monkeypatch.setattr(stage, "load_model", lambda folder: FakeModel({"one": 3}))
    with pytest.raises(HcutalError, match="features/ds: streams are"):
        stage.run("exp.0", "ds")
    Path("data/ds/videos.csv").write_text("video,subset,duration\ntrain,train,5\n")
    with pytest.raises(HcutalError, match=r"videos\.csv: no test video"):
        stage.run("exp.0", "ds")
    assert not Path("results/exp/seed-0/propose").exists()
