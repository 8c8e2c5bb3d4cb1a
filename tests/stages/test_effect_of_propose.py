"""Every parameter of the propose stage has an effect: another value changes what it should, and nothing else."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hcutal.cluster.mapping import MappingRow, write_mapping
from hcutal.data.sampling import uniform
from hcutal.data.store import write_store
from hcutal.data.times import SnippetTimes
from hcutal.files import read_json, write_json
from hcutal.model.checkpoint import Activation
from hcutal.params.propose import ProposeParams, SnippetChoice
from hcutal.stages import propose as stage
from tests.params.effects import Change, nested, uncovered

# Nothing is suppressed, so that a change of the candidates alone leaves the scores of the others as they are.
BASE: dict[str, Any] = {"suppression": {"hard": {"tiou": 1.0}}}
ACTIONNESS = {"thresholds": {"cas": None, "actionness": [0.5]}}
MAGNITUDE = {"thresholds": {"cas": None, "magnitude": [0.5]}}
# `segments`: which there are; `scores`: of the segments that both have; `cas`: the class activation sequences.
SEGMENTS, SCORES, CAS = {"segments"}, {"scores"}, {"cas"}
# By field: another value; what changes; what the other fields are.
CHANGES: dict[str, Change] = {
    "cluster_weights": Change("binary", SCORES, {"class_threshold": 0.0}),
    "merge": Change("weighted", SEGMENTS | SCORES | CAS),
    "snippets": Change(10, SEGMENTS | SCORES | CAS),
    "score_sum": Change("one", SEGMENTS | SCORES, {"class_threshold": 0.35}),
    "class_threshold": Change(0.6, SEGMENTS),
    "thresholds.cas": Change([0.25], SEGMENTS),
    "thresholds.actionness": Change([0.25], SEGMENTS, ACTIONNESS),
    "thresholds.magnitude": Change([0.25], SEGMENTS, MAGNITUDE),
    "upsample": Change(5, SEGMENTS | SCORES),
    "anchor": Change("start", SEGMENTS),
    "margin": Change(0.5, SCORES),
    "class_weight": Change(0.5, SCORES),
    "min_length": Change(3.0, SEGMENTS),
    "contrast": Change("thresholded", SCORES),
    "shortest_run": Change(40, SEGMENTS),
    "right_margin": Change("down", SCORES),
    "reached": Change(True, SEGMENTS, {"thresholds.cas": [1.0, 0.5]}),
    "suppression.hard": Change({"tiou": 0.3}, SEGMENTS),
    "suppression.hard.tiou": Change(0.3, SEGMENTS),
    "suppression.hard.plus_one": Change(True, SEGMENTS, {"suppression.hard.tiou": 0.5}),
    "suppression.soft": Change({"sigma": 0.1}, SCORES, {"suppression": {"soft": {}}}),
    "suppression.soft.sigma": Change(0.1, SCORES, {"suppression": {"soft": {}}}),
    "max_per_video": Change(2, SEGMENTS),
}
WITHOUT_EFFECT: dict[str, str] = {
    "training": "for other recordings, in a file of their own: tests/stages/test_propose.py",
}
# Clusters 0 and 2 are called `run`, clusters 0 and 1 `jump`, each by another share of its videos.
MAPPING = [
    MappingRow(0, "run", 3, 4, 1),
    MappingRow(0, "jump", 2, 4, 1),
    MappingRow(1, "jump", 3, 3, 1),
    MappingRow(2, "run", 2, 5, 1),
    MappingRow(2, "jump", 1, 5, 0),
]


class Model:
    """The first three features are the CAS of the clusters; the lengths of the features have a course of their own."""

    streams: Mapping[str, int] = {"one": 4}
    network = SimpleNamespace(shape=SimpleNamespace(outputs=3))

    def cas(self, features: np.ndarray, snippets: SnippetChoice) -> Activation:
        """As they are."""
        rows = np.arange(len(features)) if snippets == "all" else uniform(len(features), int(snippets))
        cas = features[rows, :3]
        scores = np.exp(cas.max(axis=0))
        return Activation(
            rows=rows,
            cas=cas,
            scores=scores / scores.sum(),
            actionness=cas.sum(axis=1),
            magnitude=np.linalg.norm(features[rows], axis=1),
            labels=1.25,
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four test videos of 40 snippets of half a second, whose features wander."""
    folder = tmp_path_factory.mktemp("propose")
    rng = np.random.default_rng(0)
    with write_store(folder / "features/ds", "made up", SnippetTimes(10.0, 5, 5)) as writer:
        for index in range(4):
            steps = rng.normal(size=(40, 4))
            values = np.abs([steps[max(0, t - 3) : t + 4].mean(axis=0) for t in range(40)])
            writer.add(f"v{index}", {"one": (4 * values).astype(np.float32)})
    rows = "".join(f"v{index},test,20\n" for index in range(4))
    (folder / "data/ds").mkdir(parents=True)
    (folder / "data/ds/videos.csv").write_text("video,subset,duration\n" + rows)
    write_mapping(folder / "results/exp/seed-0/map/mapping.csv", MAPPING)
    return folder


def outputs(values: Mapping[str, Any]) -> tuple[dict[Any, float], bytes]:
    """The score of each segment and the bytes of the class activation sequences with these parameters."""
    write_json("resolved.json", {"runs": {"exp": {"0": {"propose": nested(BASE | values)}}}})
    stage.run("exp.0", "ds")
    results = read_json("results/exp/seed-0/propose/proposals.json")["results"]
    scores = {
        (video, row["label"], *row["segment"]): row["score"]
        for video, rows in results.items()
        for row in rows
    }
    return scores, Path("results/exp/seed-0/propose/cas.npz").read_bytes()


def test_every_field_is_tried_or_has_a_reason() -> None:
    assert uncovered(ProposeParams, CHANGES, WITHOUT_EFFECT) == []


@pytest.mark.parametrize("field", CHANGES)
def test_another_value_changes_what_it_should(
    field: str, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    monkeypatch.setattr(stage, "load_model", lambda folder: Model())
    change = CHANGES[field]
    (old, old_cas), (new, new_cas) = outputs(change.base), outputs({**change.base, field: change.value})
    assert len(old) > 10
    both = old.keys() & new.keys()
    found = {
        "segments": old.keys() != new.keys(),
        "scores": any(old[segment] != new[segment] for segment in both),
        "cas": old_cas != new_cas,
    }
    assert {name for name, differs in found.items() if differs} == change.expected
