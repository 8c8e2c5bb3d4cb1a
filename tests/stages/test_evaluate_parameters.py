"""Every parameter of the evaluate stage has an effect: another value changes the outputs that it should, no others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import BaseModel

from hcutal.cluster.assigned import write_assigned
from hcutal.files import write_json
from hcutal.params.evaluate import EvaluateParams
from hcutal.stages.evaluate import run

METRICS, CLASSES, DIAGNOSIS = "metrics.json", "per_class.csv", "diagnosis.json"
OUTPUTS = {METRICS, CLASSES, DIAGNOSIS}
# By field (`outer.inner` for a field of a field): a value that is not the default, and the outputs that it changes.
CHANGES: dict[str, tuple[Any, set[str]]] = {
    "subset": ("train", OUTPUTS),
    "tiou": ([0.3, 0.5], {METRICS, CLASSES}),
    "recall_tiou": ([0.5, 0.9], {METRICS}),
    "recall_at": ([1, 2], {METRICS}),
    "error_tiou": (0.7, {METRICS, DIAGNOSIS}),
    "error_bins": ("thumos14", {DIAGNOSIS}),
    "bootstrap": (None, {METRICS}),
    "bootstrap.draws": (500, {METRICS}),
    "bootstrap.seed": (1, {METRICS}),
    "bootstrap.level": (0.9, {METRICS}),
    "chance": (None, {METRICS}),
    "chance.draws": (4, {METRICS}),
    "chance.seed": (1, {METRICS}),
}
# Fields without an effect on any output, and the reason.
WITHOUT_EFFECT: dict[str, str] = {}


def fields(model: type[BaseModel], outer: str = "") -> Iterator[str]:
    """The fields of a model and of the models in it."""
    for name, field in model.model_fields.items():
        yield outer + name
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from fields(kind, f"{outer}{name}.")


def section(field: str, value: Any) -> dict[str, Any]:
    """Parameters in which only `field` is set."""
    for name in reversed(field.split(".")):
        value = {name: value}
    return value


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten videos of each subset with two classes, and proposals that are more or less off."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    database: dict[str, Any] = {}
    results: dict[str, Any] = {}
    for number in range(20):
        starts = 20.0 * np.arange(5)
        lengths, shifts = rng.uniform(3, 15, 5), rng.normal(0, 2, 5)
        labels = ["run" if (number + place) % 3 else "jump" for place in range(5)]
        segments = [
            {"label": label, "segment": [start, start + length]}
            for label, start, length in zip(labels, starts, lengths, strict=True)
        ]
        database[f"v{number}"] = {
            "subset": ("train", "test")[number % 2],
            "duration": 110,
            "annotations": segments,
        }
        results[f"v{number}"] = [
            {"label": labels[0], "score": float(rng.uniform()), "segment": [start + 5, start + 5 + length]}
            for start, length in zip(starts + shifts, lengths, strict=True)
        ]
    write_json("data/ds/annotations.json", {"version": "1", "database": database})
    write_json("results/exp/seed-0/propose/proposals.json", {"version": "1", "results": results})
    whole = {"video": "v0", "start": 0, "end": 110, "cluster": 0, "confidence": 1}
    write_assigned(Path("results/exp/seed-0/train/pseudo_labels.csv"), [whole])


def outputs(parameters: dict[str, Any]) -> dict[str, bytes]:
    """The bytes of each output of the stage with these parameters."""
    write_json("resolved.json", {"runs": {"exp": {"0": {"evaluate": parameters}}}})
    run("exp.0", "ds")
    return {path.name: path.read_bytes() for path in Path("results/exp/seed-0/evaluate").iterdir()}


def test_every_parameter_is_tried_or_has_a_reason() -> None:
    assert sorted([*CHANGES, *WITHOUT_EFFECT]) == sorted(fields(EvaluateParams))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("field", CHANGES)
def test_another_value_changes_the_outputs(field: str) -> None:
    value, expected = CHANGES[field]
    before, after = outputs({}), outputs(section(field, value))
    assert set(before) == set(after) == OUTPUTS
    assert {name for name in OUTPUTS if before[name] != after[name]} == expected
