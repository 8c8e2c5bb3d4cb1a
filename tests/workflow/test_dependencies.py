"""dvc.yaml against the import graph: a stage depends on the code that it imports, and on no other."""

from pathlib import Path
from typing import Any

import grimp
import pytest
from ruamel.yaml import YAML

from hcutal.stages import features, prepare

ROOT = Path(__file__).resolve().parents[2]
STAGES: dict[str, Any] = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
DATASETS: dict[str, Any] = YAML(typ="safe").load(ROOT / "params.yaml")["datasets"]
# Modules of a kind of data set are imported by name when the kind is known.
KINDS = {
    "prepare": [kind.module for kind in prepare.KINDS.values()],
    "features": [kind.module for kind in features.KINDS.values()],
}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("hcutal", cache_dir=None)


def declared(stage: str) -> set[str]:
    return {dep for dep in STAGES[stage].get("do", STAGES[stage])["deps"] if dep.startswith("hcutal/")}


def imported(graph: grimp.ImportGraph, stage: str) -> set[str]:
    start = [f"hcutal.stages.{stage}", *KINDS.get(stage, [])]
    modules = {*start, *(found for module in start for found in graph.find_upstream_modules(module))}
    # A built-in data set names its module as `source`, and the code of its features as `extractor`.
    named = {"prepare": ("source", "extractor"), "features": ("extractor",)}.get(stage, ())
    sources = {entry[key] for entry in DATASETS.values() for key in named}
    paths = {ROOT / module.replace(".", "/") for module in modules}
    return {str(p.relative_to(ROOT)) + ".py" for p in paths if not p.is_dir()} - sources


@pytest.mark.parametrize("stage", STAGES)
def test_code_that_is_imported_is_declared(imports: grimp.ImportGraph, stage: str) -> None:
    deps = declared(stage)
    assert {
        f for f in imported(imports, stage) if not any(f == d or f.startswith(f"{d}/") for d in deps)
    } == set()


@pytest.mark.parametrize("stage", STAGES)
def test_code_that_is_declared_is_imported(imports: grimp.ImportGraph, stage: str) -> None:
    files = imported(imports, stage)
    for dep in declared(stage):
        modules = (ROOT / dep).rglob("*.py") if (ROOT / dep).is_dir() else [ROOT / dep]
        needed = {str(path.relative_to(ROOT)) for path in modules if path.name != "__init__.py"}
        assert needed <= files, dep


def test_no_stage_depends_on_the_orchestration() -> None:
    assert not any("hcutal/pipeline" in dep for stage in STAGES for dep in declared(stage))


def test_packages_hold_no_code_of_their_own() -> None:
    for path in (ROOT / "hcutal").rglob("__init__.py"):
        text = path.read_text()
        assert "import" not in text.replace("imports", ""), path


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
