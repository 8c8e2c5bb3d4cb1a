"""A project of another version is brought in step with this one, or left as it was."""

from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.layout import GITIGNORE, GRAPH, PARAMS, SCHEMA, SNAKEFILE
from hcutal.params.document import load, resolve
from hcutal.pipeline.new_project import copy_pipeline
from hcutal.pipeline.upgrade import ENVIRONMENT, outdated, upgrade

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """As this version makes it."""
    root = tmp_path / "project"
    copy_pipeline(root)
    (root / PARAMS).write_text((REPOSITORY / PARAMS).read_text())
    return root


def replace(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_a_project_of_this_version_stays_as_it_is(project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert outdated(project) == []
    assert upgrade(project) == []
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_the_repository_is_of_its_own_version() -> None:
    assert outdated(REPOSITORY) == []


def test_an_environment_of_another_version_is_outdated(project: Path) -> None:
    replace(project / ENVIRONMENT, "hcutal==", "hcutal==0.0.")
    assert outdated(project) == [ENVIRONMENT]


def test_files_of_the_pipeline_are_replaced_and_kept(project: Path) -> None:
    expected = (project / GRAPH).read_text()
    (project / GRAPH).write_text("stages: {}\n")
    rule = project / "workflow/rules/common.smk"
    rule.unlink()
    (project / "workflow/profiles/default/config.yaml").write_text("cores: 3\n")
    (project / GITIGNORE).write_text("/mine/\n")
    (project / SCHEMA).write_text("{}\n")
    assert outdated(project) == [GRAPH, Path("workflow/rules/common.smk")]
    said = upgrade(project)
    assert any(f"{GRAPH.name}.old" in line for line in said)
    assert (project / GRAPH).read_text() == expected
    assert (project / f"{GRAPH.name}.old").read_text() == "stages: {}\n"
    assert rule.exists()
    assert (project / "workflow/profiles/default/config.yaml").read_text() == "cores: 3\n"
    ignored = (project / GITIGNORE).read_text().splitlines()
    assert ignored[0] == "/mine/" and "/suites/" in ignored
    assert outdated(project) == [] and upgrade(project) == []


def test_one_seed_becomes_a_list_and_a_preset_that_is_refused_becomes_ours(project: Path) -> None:
    replace(project / PARAMS, "boundary: {q: 150.0}", "boundary: {q: 150.0, scale: 0.0}")
    replace(project / PARAMS, "seeds: [0, 1, 2]", "seed: 7")
    replace(project / PARAMS, "  refresh: 50", "  refresh: 90")
    said = "\n".join(upgrade(project))
    assert "seed: 7 is now seeds: [7]" in said
    assert "presets.official is now that of this version; it had train.boundary.scale: found 0.0" in said
    after = load(project / PARAMS)
    resolve(after, labels=project / "labels")
    assert [7] in [each.seeds for each in after.experiments.values()]
    assert after.presets["official"] == load(REPOSITORY / PARAMS).presets["official"]
    # What a person set is kept.
    assert after.train.refresh == 90


def test_values_that_are_missing_are_added(project: Path) -> None:
    replace(project / PARAMS, "  pieces: null", "  #")
    upgrade(project)
    assert "\n  pieces: null" in (project / PARAMS).read_text()


def test_another_value_that_is_refused_changes_nothing(project: Path) -> None:
    replace(project / PARAMS, "  refresh: 50", "  refresh: often")
    (project / SNAKEFILE).write_text("")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    with pytest.raises(HcutalError, match=r"project/params.yaml: train.refresh: found 'often'"):
        upgrade(project)
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
