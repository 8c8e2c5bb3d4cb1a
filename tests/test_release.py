"""What says which release this is says the same."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CITATION = YAML(typ="safe").load(ROOT / "CITATION.cff")
DOI = "10.1016/j.patcog.2025.111421"


def test_the_citation_is_of_this_version() -> None:
    assert CITATION["version"] == PROJECT["version"]
    assert CITATION["license"] == PROJECT["license"]
    assert CITATION["keywords"] == PROJECT["keywords"]


def test_the_newest_release_in_the_changelog_is_this_version() -> None:
    first, *released = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert first == "Unreleased"
    # Before the first release there is none.
    assert released[:1] in ([], [PROJECT["version"]])


def test_the_paper_has_one_doi_everywhere() -> None:
    assert [reference["doi"] for reference in CITATION["references"]] == [DOI]
    assert DOI in (ROOT / "docs" / "method.md").read_text()
    for path in (ROOT / "hcutal" / "losses").glob("*.py"):
        assert f"https://doi.org/{DOI}" in path.read_text(), path.name


def test_no_lock_of_a_cache_that_nobody_has_is_committed() -> None:
    found = subprocess.run(
        ["git", "ls-files", "dvc.lock"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip("not a git repository")
    assert found.stdout == ""


def test_what_the_package_imports_is_among_its_dependencies() -> None:
    graph = grimp.build_graph("hcutal", include_external_packages=True, cache_dir=None)
    outside = {name for name in graph.modules if "." not in name} - {"hcutal"} - sys.stdlib_module_names
    named = {re.split(r"[<>=\[]", line)[0].lower() for line in PROJECT["dependencies"]}
    providers = packages_distributions()
    lacking = [name for name in outside if not named & {p.lower() for p in providers.get(name, [name])}]
    assert lacking == []


def test_all_that_an_installation_takes_has_one_version() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {
        canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)
    }
    assert len(pinned) == len(lines)
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==\d[\w.]*", line)] == []
    taken = closure([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
    assert {name: found for name, found in taken.items() if found not in (None, pinned.get(name))} == {}
    assert sorted(taken.keys() - pinned.keys()) == []


def closure(requirements: list[str]) -> dict[str, str | None]:
    """All that requirements take, by what is installed of them: versions by name, None of what is not."""
    found: dict[str, str | None] = {}
    to_see = [Requirement(text) for text in requirements]
    while to_see:
        each = to_see.pop()
        name = canonicalize_name(each.name)
        if name in found:
            continue
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            found[name] = None
            continue
        # Without what a build of it is called beside: 2.13.0 of 2.13.0+cpu.
        found[name] = installed.version.partition("+")[0]
        further = map(Requirement, installed.requires or [])
        extras = ("", *each.extras)
        to_see += [
            r for r in further if r.marker is None or any(r.marker.evaluate({"extra": e}) for e in extras)
        ]
    return found
