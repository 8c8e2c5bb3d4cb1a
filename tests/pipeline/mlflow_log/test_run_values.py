"""Which parameters an experiment is compared by: what it is, and what is not as in its preset."""

from pathlib import Path
from typing import Any

import pytest

from hcutal.params.document import Document, load, resolve
from hcutal.pipeline.graph import Stage
from hcutal.pipeline.mlflow_log.run_values import compared_params, sections_of, stage_params

PARAMS = """\
train: {learning_rate: 0.001}
datasets:
  toy: {kind: simulated, prepare: {classes: 3}, propose: {margin: 0.5}}
presets:
  default: {}
  small: {train: {steps: 30, video: {clusters: 6}}}
experiments:
  a: {dataset: toy, supervision: unsupervised, seeds: [4], preset: small, train: {video: {tau_h: 0.5}}}
"""


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "params.yaml").write_text(PARAMS)
    return load(tmp_path / "params.yaml")


def stages(document: Document) -> list[Stage]:
    """What the stages would ask for, as dvc.yaml has it."""
    values = resolve(document)
    run, data = values["runs"]["a"]["4"], values["datasets"]["toy"]
    return [
        stage("prepare@toy", {"datasets.toy.kind": data["kind"], "datasets.toy.prepare": data["prepare"]}),
        stage("train@a.4", {"runs.a.4.train": run["train"]}),
        stage("map@a.4", {"runs.a.4.map": run["map"], "runs.a.4.evaluate.bootstrap": {"draws": 1}}),
        stage("propose@a.4", {"runs.a.4.propose": run["propose"]}),
        stage("report@a.4", {"runs.a.4": run}),
    ]


def stage(name: str, params: dict[str, Any]) -> Stage:
    return Stage(name, (), True, True, {"params": {"resolved.json": params}}, {}, {})


def test_what_is_not_as_in_the_preset_shows_wherever_it_was_said(document: Document) -> None:
    assert compared_params(sections_of(stages(document)), 4, document) == {
        "dataset": "toy",
        "supervision": "unsupervised",
        "preset": "small",
        "seeds": "4",
        "prepare.classes": "3",
        # Of the section, of the experiment, of the data set.
        "train.learning_rate": "0.001",
        "train.video.tau_h": "0.5",
        "propose.margin": "0.5",
    }


def test_of_a_preset_that_is_gone_every_value_shows(document: Document) -> None:
    found = {**sections_of(stages(document)), "preset": "gone"}
    shown = compared_params(found, 4, document)
    assert (shown["preset"], shown["train.steps"], shown["train.video.clusters"]) == ("gone", "30", "6")


def test_given_names_of_clusters_are_one_parameter(document: Document) -> None:
    found = sections_of(stages(document))
    found["map"] = {**found["map"], "names": {"0": "jump", "3": "run"}, "named_training": "abc"}
    shown = compared_params(found, 4, document)
    assert shown["map.names"] == "{'0': 'jump', '3': 'run'}"
    assert "map.named_training" not in shown


def test_the_values_of_a_stage_are_those_that_it_ran_with_itself(document: Document) -> None:
    before = stages(document)
    report = before[-1].entry["params"]["resolved.json"]["runs.a.4"]
    edited = {**report, "train": {**report["train"], "steps": 99}}
    found = sections_of([*before[:-1], stage("report@a.4", {"runs.a.4": edited})])
    assert found["train"]["steps"] == 30


def test_the_parameters_of_a_stage_have_their_names_of_params_yaml(document: Document) -> None:
    _, train, names, _, report = stages(document)
    assert stage_params(train)["train.video.tau_h"] == "0.5"
    assert stage_params(names)["evaluate.bootstrap.draws"] == "1"
    assert stage_params(report)["propose.margin"] == "0.5"
