"""The room of pages as a whole: what it imports, and that its parts lie where they are said to."""

import tomllib
from pathlib import Path

import grimp

import hcutal.report
from hcutal.report.pages.run_page import SECTIONS

ROOM = Path(hcutal.report.__file__).parent
OUTER = ("hcutal.export", "hcutal.stages", "hcutal.commands", "hcutal.pipeline")


def test_pages_import_nothing_that_uses_them() -> None:
    graph = grimp.build_graph("hcutal", cache_dir=None)
    imported = {
        found
        for module in graph.find_descendants("hcutal.report")
        for found in graph.find_modules_directly_imported_by(module)
    }
    assert not [name for name in imported if name.startswith(OUTER)]


def test_the_kit_imports_no_page_and_no_section() -> None:
    graph = grimp.build_graph("hcutal", cache_dir=None)
    for module in graph.find_descendants("hcutal.report.kit"):
        own = {
            name
            for name in graph.find_modules_directly_imported_by(module)
            if name.startswith("hcutal.report")
        }
        assert all(name.startswith("hcutal.report.kit") for name in own), module


def test_a_section_lies_beside_its_template() -> None:
    modules = {path.stem for path in (ROOM / "sections").glob("*_section.py")}
    templates = {path.name.removesuffix(".html.j2") for path in (ROOM / "sections").glob("*.html.j2")}
    assert modules == templates
    assert {make.__name__ for make in SECTIONS} <= modules


def test_templates_and_style_are_installed_with_the_package() -> None:
    project = tomllib.loads((ROOM.parents[1] / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["hcutal.report"]
    installed = {path for pattern in patterns for path in ROOM.glob(pattern)}
    others = {path for path in ROOM.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in others if path.suffix != ".py"} == installed
