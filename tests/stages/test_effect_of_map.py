"""Every parameter of the map stage has an effect: another value changes the outputs that it should, and no others."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hcutal.files import write_json
from hcutal.params.map import MapParams
from hcutal.stages.map import run
from tests.params.effects import Change, differing, nested, uncovered

MAPPING, METRICS = "mapping.csv", "metrics.json"
# By field: another value; the outputs that change; what the other fields are.
CHANGES: dict[str, Change] = {
    "fraction": Change(1.0, {MAPPING, METRICS}),
    "reading": Change("set", {METRICS}),
    "names": Change({"1": "sit"}, {MAPPING, METRICS}),
    "named_training": Change("another", {MAPPING, METRICS}, {"names": {"1": "sit"}}),
}
WITHOUT_EFFECT: dict[str, str] = {}
# In cluster 0 `run` is twice as frequent as `jump`, which is found nowhere else; in cluster 1 `swim` as `run`.
LABELS = {"a": ["run"], "b": ["jump", "run"], "c": ["run", "swim"], "d": ["swim"], "e": ["swim"], "f": []}
CLUSTERS = {"a": 0, "b": 0, "c": 1, "d": 1, "e": 2, "f": 2}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six training videos in three clusters."""
    monkeypatch.chdir(tmp_path)
    write_json("data/ds/labels.json", LABELS)
    Path("data/ds/videos.csv").write_text(
        "video,subset,duration\n" + "".join(f"{v},train,9\n" for v in LABELS)
    )
    write_json("results/exp/seed-0/train/model.json", {"classes": None, "supervision": "unsupervised"})
    rows = "".join(f"{video},0,9,{cluster},1.0\n" for video, cluster in CLUSTERS.items())
    Path("results/exp/seed-0/train/pseudo_labels.csv").write_text(
        "video,start,end,cluster,confidence\n" + rows
    )


def outputs(values: Mapping[str, Any]) -> dict[str, bytes]:
    """The bytes of each output of the stage with these parameters."""
    write_json("resolved.json", {"runs": {"exp": {"0": {"map": nested(values), "evaluate": {}}}}})
    run("exp.0", "ds")
    return {path.name: path.read_bytes() for path in Path("results/exp/seed-0/map").iterdir()}


def test_every_field_is_tried_or_has_a_reason() -> None:
    assert uncovered(MapParams, CHANGES, WITHOUT_EFFECT) == []


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("field", CHANGES)
def test_another_value_changes_the_outputs(field: str) -> None:
    change = CHANGES[field]
    before, after = outputs(change.base), outputs({**change.base, field: change.value})
    assert before.keys() == after.keys() == {MAPPING, METRICS}
    assert differing(before, after) == change.expected
