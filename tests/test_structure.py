"""The rooms of the package: imports go downwards only, and a name stands for one thing."""

import ast
from collections import defaultdict
from pathlib import Path

import grimp
import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "hcutal"
# From the ground up; rooms of one floor do not know each other.
FLOORS = [
    {"errors"},
    {"addresses", "files", "layout", "entry", "device", "cores"},
    {"tables", "hashes", "progress", "jobs"},
    {"params"},
    {"data", "losses"},
    {"cluster"},
    {"model", "evaluate", "extract", "labelling"},
    {"localize", "datasets"},
    {"apply", "suites", "doctor"},
    {"report"},
    {"export"},
    {"code"},
    {"stages"},
    {"pipeline"},
    {"commands"},
    {"cli"},
]
# Rooms whose modules are called like the stage, kind or command that they are for.
INDEXES = {"stages", "params", "commands", "datasets"}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("hcutal", cache_dir=None)


def room(module: str) -> str:
    return module.split(".")[1]


def test_every_room_has_its_floor() -> None:
    rooms = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - {"__init__"} == set.union(*FLOORS)


def test_imports_go_downwards(imports: grimp.ImportGraph) -> None:
    floor = {name: number for number, rooms in enumerate(FLOORS) for name in rooms}
    climbing = [
        (module, imported)
        for module in imports.modules - {"hcutal"}
        for imported in imports.find_modules_directly_imported_by(module) - {"hcutal"}
        if room(module) != room(imported) and floor[room(module)] <= floor[room(imported)]
    ]
    assert climbing == []


def test_no_file_has_the_name_of_one_in_another_room() -> None:
    rooms = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        where = path.relative_to(PACKAGE).parts
        if path.stem != "__init__" and where[0] not in INDEXES and len(where) > 1:
            rooms[path.stem].add(str(path.parent.relative_to(PACKAGE)))
    assert {name: found for name, found in rooms.items() if len(found) > 1} == {}


def test_no_public_class_has_the_name_of_another() -> None:
    places = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(PACKAGE)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_packages_say_what_they_are_for_and_hold_no_code() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        tree = ast.parse(path.read_text())
        words = ast.get_docstring(tree) or ""
        assert len(words) > 40, path
        assert path.parent == PACKAGE or len(tree.body) == 1, path


def test_nothing_but_the_pipeline_knows_the_orchestration(imports: grimp.ImportGraph) -> None:
    graph = grimp.build_graph("hcutal", include_external_packages=True, cache_dir=None)
    for tool in ("dvc", "snakemake", "mlflow"):
        users = graph.find_modules_that_directly_import(tool) if tool in graph.modules else set()
        assert {room(module) for module in users} <= {"pipeline"}, tool
