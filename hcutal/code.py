"""Which code each stage depends on: a digest a stage, from the graph of imports.

What a stage imports, directly or through others, is what it depends on. Of each module the syntax tree counts, without
comments, docstrings and the words of parameters: other words or another layout change nothing. What lies beside the
modules and is no Python (templates) counts byte by byte. code.json holds the digests; dvc.yaml names one of them in
each stage.
"""

import ast
import contextlib
import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hcutal.errors import HcutalError
from hcutal.extract.foreign import foreign_sources
from hcutal.files import json_digest, read_json, sha256, write_json
from hcutal.layout import CODE, KNOWN_CODE

# Needed where digests are not known yet; slow to import: grimp, hcutal.extract.registry, hcutal.params.kinds.
if TYPE_CHECKING:
    import grimp

PACKAGE = Path(__file__).resolve().parent
STAGES = ("parameters", "previews", "train", "map", "propose", "evaluate", "report", "summary")
DATA_STAGES = ("prepare", "features")
# Files beside modules that are read while the code runs.
RESOURCES = (".j2", ".csv", ".json", ".yaml", ".css", ".js")
# What `param` says in words, beside its positional arguments.
WORDS = ("unit", "source")
# The check of the digests, the list of kinds, what an execution took and how far it is, are no part of what a stage
# computes.
ASIDE = frozenset({"hcutal.code", "hcutal.params.kinds", "hcutal.progress", "hcutal.stages.execution"})


def code_digests() -> dict[str, Any]:
    """`{"code": {stage: digest}}`; of the stages of a data set `{stage: {kind: digest}}`.

    In a project they are remembered until a file of the package, or of another one's extractors, is another.
    """
    contents = _contents()
    if (known := _remembered(contents)) is not None:
        return known
    from hcutal.params.kinds import KINDS

    digests: dict[str, Any] = {stage: stage_digest(stage) for stage in STAGES}
    digests |= {stage: {kind: stage_digest(stage, kind) for kind in KINDS} for stage in DATA_STAGES}
    if CODE.exists():
        # Without room for it, or the right to write, they are made anew the next time.
        with contextlib.suppress(OSError):
            write_json(KNOWN_CODE, {"of": contents, "digests": digests, "sum": json_digest(digests)})
    return {"code": digests}


def _contents() -> str:
    """SHA-256 of the files that digests are made of, and of the Python that reads them."""
    files = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", *RESOURCES)]
    files += [path for place in foreign_sources() for path in _python_files(place)]
    return json_digest([sys.version, {str(path): sha256(path) for path in files if path.is_file()}])


def _remembered(contents: str) -> dict[str, Any] | None:
    """The digests as they were made of the same contents; None where there are none, or they were damaged."""
    try:
        known = read_json(KNOWN_CODE)
        is_right = known["of"] == contents and known["sum"] == json_digest(known["digests"])
    except (OSError, HcutalError, KeyError, TypeError):
        return None
    return {"code": known["digests"]} if is_right else None


def stage_digest(stage: str, kind: str | None = None) -> str:
    """SHA-256 of the code of a stage, for a data set of the given kind."""
    from hcutal.extract.registry import BUILT_IN
    from hcutal.params.kinds import KINDS

    modules = [f"hcutal.stages.{stage}"]
    others: list[Path] = []
    if kind is not None:
        modules += [KINDS[kind].module, KINDS[kind].params.__module__]
        if KINDS[kind].params.extracts:
            # The extractor is found when its name is known: any of them.
            modules += [place.partition(":")[0] for place in BUILT_IN.values()]
            others = foreign_sources()
    return _digest(modules, others)


def check_code(stage: str, kind: str | None = None) -> None:
    """Raise `HcutalError` where code.json was written for other code: DVC would file the result under a wrong name.

    Without code.json, outside of a project, there is nothing to check.
    """
    if not CODE.exists():
        return
    installed = code_digests()["code"][stage]
    if _said(stage, kind) != (installed if kind is None else installed[kind]):
        raise HcutalError(
            f"{CODE}: says that stage {stage} has other code than is installed; `hcutal run -n` brings it up to date"
        )


def _said(stage: str, kind: str | None) -> Any:
    """What code.json says of a stage; None where it says nothing."""
    try:
        said = read_json(CODE)["code"][stage]
        return said if kind is None else said[kind]
    except (KeyError, TypeError):
        return None


def imported_modules(modules: Iterable[str]) -> set[str]:
    """The modules of the package that `modules` import, with those themselves and the packages around them."""
    graph, found, waiting = _imports(), set[str](), list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found and module not in ASIDE:
            found.add(module)
            waiting += graph.find_modules_directly_imported_by(module)
    return found | {around for name in found for around in _packages_around(name)}


def _digest(modules: Iterable[str], others: Iterable[Path]) -> str:
    names = sorted(imported_modules(modules))
    files = {name: _file_of(name) for name in names}
    digest = hashlib.sha256()
    for name, path in files.items():
        digest.update(f"{name} {tree_digest(path)}\n".encode())
    # What lies in the package's own folder is for new projects.
    for folder in sorted({path.parent for path in files.values()} - {PACKAGE}):
        for path in _resources(folder):
            digest.update(
                f"{path.relative_to(PACKAGE)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
            )
    for place in others:
        for path in _python_files(place):
            digest.update(f"{path.relative_to(place.parent)} {tree_digest(path)}\n".encode())
    return digest.hexdigest()


def _python_files(place: Path) -> list[Path]:
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


@cache
def _imports() -> "grimp.ImportGraph":
    import grimp

    return grimp.build_graph("hcutal", cache_dir=None, exclude_type_checking_imports=True)


def _packages_around(module: str) -> Iterator[str]:
    parts = module.split(".")
    for depth in range(1, len(parts)):
        yield ".".join(parts[:depth])


def _file_of(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _resources(folder: Path) -> Iterator[Path]:
    """Files beside the modules of a folder, also in folders that hold no modules."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and not any(path.glob("*.py")):
            yield from _resources(path)
        elif path.suffix in RESOURCES:
            yield path


def tree_digest(path: Path) -> str:
    """SHA-256 of the syntax tree of a Python file, the same in each version of Python that reads it alike."""
    return _text_digest(path.read_text(encoding="utf-8"))


@cache
def _text_digest(text: str) -> str:
    return hashlib.sha256(repr(_plain(ast.parse(text))).encode()).hexdigest()


def _plain(node: Any) -> Any:
    """A tree as nested tuples; without words, and without empty fields, which versions of Python add."""
    if isinstance(node, list):
        return tuple(_plain(item) for item in node)
    if not isinstance(node, ast.AST):
        return node
    fields = [(name, _without_words(node, name, value)) for name, value in ast.iter_fields(node)]
    return type(node).__name__, *((name, _plain(value)) for name, value in fields if value not in (None, []))


def _without_words(node: ast.AST, name: str, value: Any) -> Any:
    """A part of a node: no docstrings, and of `param` (hcutal.params.section) just the default and the limits."""
    if name == "body" and isinstance(
        node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    ):
        return value[1:] if ast.get_docstring(node, clean=False) is not None else value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "param":
        if name == "args":
            return value[:1]
        if name == "keywords":
            return [part for part in value if part.arg not in WORDS]
    return value
