"""The package's code as a dependency of projects elsewhere, where its files are not part of the project.

In a project that `hcutal new` made, stages depend on their entry in code.json in the place of the modules that dvc.yaml
lists here. The file is brought up to date whenever the rules are made, so that a stage runs again when the
code that it uses has changed, by an update of the package as well.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hcutal.extract.registry import foreign_sources
from hcutal.files import read_json, write_json
from hcutal.params.section import read_yaml

CODE = Path("code.json")
PACKAGE = Path(__file__).resolve().parents[1]
TEMPLATE = PACKAGE / "project"
# What an extractor's name stands for is found when it is known.
EXTRACTING = ("prepare", "features")


def code_digests() -> dict[str, dict[str, str]]:
    """`{"code": {stage: SHA-256 of the sources that it uses}}`, for each kind of stage."""
    stages: dict[str, Any] = read_yaml(TEMPLATE / "stages.yaml")["stages"]
    return {"code": {name: _digest(_sources(name, stage)) for name, stage in stages.items()}}


def refresh_code(root: str | Path = ".") -> None:
    """Bring code.json up to date; nothing in a project that has none."""
    path = Path(root, CODE)
    if path.exists() and read_json(path) != (digests := code_digests()):
        write_json(path, digests)


def outside(document: dict[str, Any]) -> dict[str, Any]:
    """dvc.yaml for a project elsewhere: code.json in the place of the package's files. Changes `document`."""
    for name, stage in document["stages"].items():
        body = stage.get("do", stage)
        body["deps"] = [dep for dep in body["deps"] if not _is_code(dep)]
        body["params"] = [*body.get("params", []), {str(CODE): [f"code.{name}"]}]
    return document


def _is_code(dep: str) -> bool:
    return dep.startswith("hcutal/") or dep == "${item.extractor}"


def _sources(name: str, stage: Any) -> list[Path]:
    deps = [dep for dep in stage.get("do", stage)["deps"] if dep.startswith("hcutal/")]
    paths = [PACKAGE.parent / dep for dep in deps]
    if name in EXTRACTING:
        paths += [PACKAGE / "extract", PACKAGE / "data", *foreign_sources()]
    return paths


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    files = {file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])}
    for file in sorted(files):
        inside = file.is_relative_to(PACKAGE)
        digest.update(str(file.relative_to(PACKAGE) if inside else file.name).encode() + file.read_bytes())
    return digest.hexdigest()
