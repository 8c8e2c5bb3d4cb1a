"""dvc.yaml: each stage depends on its code, and training on no label that it must not see."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hcutal.code import DATA_STAGES, code_digests

ROOT = Path(__file__).resolve().parents[2]
STAGES: dict[str, Any] = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]


def test_every_stage_has_a_digest() -> None:
    assert code_digests()["code"].keys() == STAGES.keys()


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_its_code_by_one_line(stage: str) -> None:
    body = STAGES[stage].get("do", STAGES[stage])
    asked = [keys for entry in body["params"] for file, keys in entry.items() if file == "code.json"]
    kind = ".${item.kind}" if stage in DATA_STAGES else ""
    assert asked == [[f"code.{stage}{kind}"]]
    assert not any("hcutal" in dep for dep in body.get("deps", []))


def test_unsupervised_training_depends_on_no_annotation() -> None:
    deps = STAGES["train"]["do"]["deps"]
    asked = [dep for dep in deps if dep.startswith("data/")]
    assert sorted(asked) == [
        "data/${item.dataset}/supervision/${item.supervision}.json",
        "data/${item.dataset}/videos.csv",
    ]
    assert not any(
        dep.startswith("data/") and "recordings" not in dep and "videos.csv" not in dep
        for dep in STAGES["features"]["do"]["deps"]
    )
