"""What the documentation names exists."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
QUOTED = re.compile(r"`([^`\n]+)`")
# A path from the top of the repository, also within a command.
PATH = re.compile(r"(?<![\w./-])(?:hcutal|tests|benchmarks|workflow|docs)/[\w./-]*\w/?")
MODULE = re.compile(r"hcutal(?:\.\w+)+")
# Tags of runs in MLflow, not modules.
TAGS = {"hcutal.model", "hcutal.model_missing", "hcutal.execution", "hcutal.state"}
# `hcutal/losses/dwa.py` `DynamicWeightAverage`, and further names after a comma.
NAMES = re.compile(r"`(hcutal/[\w/]+\.py)`((?:,? `\w+`)+)")


def quoted(page: Path) -> list[str]:
    return QUOTED.findall(page.read_text())


def names_in(module: Path) -> set[str]:
    """Functions, classes, methods and constants of a module."""
    tree = ast.parse(module.read_text())
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = (node.targets for node in tree.body if isinstance(node, ast.Assign))
    return defined | {target.id for group in targets for target in group if isinstance(target, ast.Name)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_in_the_documentation_exist(page: Path) -> None:
    paths = {path for text in quoted(page) for path in PATH.findall(text)}
    # NAME stands for what a reader adds.
    named = {path for path in paths if "NAME" not in path}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_in_the_documentation_can_be_imported(page: Path) -> None:
    for name in sorted({name for text in quoted(page) for name in MODULE.findall(text)} - TAGS):
        parent, _, attribute = name.rpartition(".")
        try:
            import_module(name)
        except ModuleNotFoundError:
            assert hasattr(import_module(parent), attribute), name


def test_the_table_of_equations_names_what_its_files_define() -> None:
    page = (ROOT / "docs" / "method.md").read_text()
    found = [(ROOT / path, QUOTED.findall(names)) for path, names in NAMES.findall(page)]
    assert len(found) > 20
    assert [(path.name, name) for path, names in found for name in names if name not in names_in(path)] == []


def test_every_loss_is_in_the_table_of_equations() -> None:
    page = (ROOT / "docs" / "method.md").read_text()
    losses = {path.name for path in (ROOT / "hcutal" / "losses").glob("*.py")} - {"__init__.py"}
    assert [name for name in sorted(losses) if f"`hcutal/losses/{name}`" not in page] == []
