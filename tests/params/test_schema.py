import copy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from hcutal.files import read_json
from hcutal.layout import SCHEMA
from hcutal.params.plain_yaml import read_yaml
from hcutal.params.schema import schema

PROJECT = Path(__file__).resolve().parents[2]
WRITTEN = read_yaml(PROJECT / "params.yaml")
VALIDATOR = Draft202012Validator(schema())


def test_the_schema_beside_params_yaml_is_that_of_the_parameters() -> None:
    assert read_json(PROJECT / SCHEMA) == schema(), "renew it with `hcutal params --write`"
    Draft202012Validator.check_schema(schema())


def test_editors_find_it() -> None:
    first = (PROJECT / "params.yaml").read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema={SCHEMA}"
    assert (PROJECT / "hcutal/project" / SCHEMA).resolve() == PROJECT / SCHEMA


def test_params_yaml_fits_it() -> None:
    assert [error.message for error in VALIDATOR.iter_errors(WRITTEN)] == []


def changed(path: str, value: Any) -> Any:
    document = copy.deepcopy(WRITTEN)
    inner = document
    *outer, last = path.split(".")
    for key in outer:
        inner = inner.setdefault(key, {})
    inner[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("propose.suppression", {"hard": {"plus_one": True}}),
        ("train.video.clusters", {"estimate": {"most": 9}}),
        ("train.video.neighbours", None),
        ("experiments.watch.train", {"video": {"neighbours": {"count": 3}}, "weights": {"equal": {}}}),
        ("datasets.mine", {"kind": "recordings", "source": "x", "features": {"i3d": {"crop": 200}}}),
        ("presets.mine", {}),
    ],
)
def test_what_may_be_written_fits(path: str, value: Any) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(changed(path, value))] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("train.stepz", 3),
        ("train.seed", 3),
        ("map.names", {"1": "run"}),
        ("train.steps", 0),
        ("train.steps", "many"),
        ("propose.suppression", {"hard": {}, "soft": {}}),
        ("propose.suppression", {"soft": None}),
        ("train.video.clusters", None),
        ("experiments.watch.train", {"video": {"size": 3}}),
        ("experiments.watch.prepare", {}),
        ("experiments.watch.supervision", "none"),
        ("presets.Mine", {}),
        ("datasets.mine", {"kind": "recordings"}),
        ("datasets.mine", {"kind": "watch", "source": "x"}),
        ("datasets.mine", {"kind": "watch", "prepare": {"classes": 3}}),
        ("datasets", {}),
    ],
)
def test_what_may_not_be_written_does_not_fit(path: str, value: Any) -> None:
    assert best_match(VALIDATOR.iter_errors(changed(path, value))) is not None
