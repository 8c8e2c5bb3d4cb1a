"""Which code a stage depends on: the digests of code.json."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hcutal import code
from hcutal.code import code_digests, imported_modules, stage_digest, tree_digest
from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.layout import KNOWN_CODE

Edit = Callable[[str, str, str], None]


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Edits a copy of the package, of which the digests are then made."""
    package = tmp_path / "hcutal"
    shutil.copytree(code.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "project"))
    monkeypatch.setattr(code, "PACKAGE", package)

    def replace(file: str, old: str, new: str) -> None:
        text = (package / file).read_text()
        assert old in text
        (package / file).write_text(text.replace(old, new, 1))

    return replace


def changed_by(action: Callable[[], None]) -> set[str]:
    """The stages, with `/KIND` where it matters, whose digest an edit changes."""
    before = flat()
    action()
    return {name for name, digest in flat().items() if before[name] != digest}


def flat() -> dict[str, str]:
    found = {}
    for stage, value in code_digests()["code"].items():
        found |= (
            {f"{stage}/{kind}": v for kind, v in value.items()} if isinstance(value, dict) else {stage: value}
        )
    return found


def test_an_edit_reaches_those_who_import_it(edit: Edit) -> None:
    assert changed_by(lambda: edit("evaluate/recall.py", "MOST = 100", "MOST = 101")) == {"evaluate"}
    assert changed_by(lambda: edit("model/training.py", '"step",', '"step",  "more",')) == {"train"}
    assert changed_by(lambda: edit("datasets/watch.py", "RATE = 50.0", "RATE = 51.0")) == {
        "prepare/watch",
        "features/watch",
    }
    training = changed_by(lambda: edit("losses/classification.py", "max(1,", "max(2,"))
    assert training == {"train", "propose"}


def test_other_words_change_nothing(edit: Edit) -> None:
    assert changed_by(lambda: edit("model/training.py", '"""Joint training', '"""All of training')) == set()
    assert changed_by(lambda: edit("files.py", "import hashlib", "# Digests.\nimport hashlib\n")) == set()
    for old, new in (("joint training", "training"), ("code: 3000", "code: 4000"), ('unit="steps", ', "")):
        assert changed_by(lambda old=old, new=new: edit("params/train.py", old, new)) == set()


def test_another_default_or_limit_of_a_parameter_does(edit: Edit) -> None:
    for old, new in (("600, ", "601, "), ("ge=1)", "ge=2)")):
        assert changed_by(lambda old=old, new=new: edit("params/train.py", old, new)) == {
            "train",
            "parameters",
        }


def test_a_template_counts_for_the_pages_alone(edit: Edit) -> None:
    template = next(path for path in sorted(code.PACKAGE.rglob("*.j2")) if "<" in path.read_text())
    assert changed_by(lambda: edit(str(template.relative_to(code.PACKAGE)), "<", "<!-- new -->\n<")) == {
        "report",
        "summary",
    }


def test_what_new_projects_are_made_of_is_no_code(edit: Edit) -> None:
    params = code.PACKAGE / "project/params.yaml"
    params.parent.mkdir()
    params.write_text("one")
    assert changed_by(lambda: params.write_text("two") and None) == set()


def test_proposals_depend_on_no_training() -> None:
    found = imported_modules(["hcutal.stages.propose"])
    assert not found & {"hcutal.model.training", "hcutal.model.localizer", "hcutal.losses.instance"}
    assert "hcutal.model.network" in found


def test_no_stage_depends_on_the_orchestration() -> None:
    for stage in (*code.STAGES, *code.DATA_STAGES):
        assert not any(
            name.startswith("hcutal.pipeline") for name in imported_modules([f"hcutal.stages.{stage}"])
        )


def test_every_extractor_counts_for_recordings(
    edit: Edit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The page of a run reads tables as well, and no other page does.
    assert changed_by(lambda: edit("extract/vector_clock.py", "FEWEST = 20", "FEWEST = 21")) == {
        "prepare/recordings",
        "features/recordings",
        "report",
    }
    plugin = tmp_path / "plugin.py"
    plugin.write_text("SIZE = 1\n")
    monkeypatch.setattr(code, "foreign_sources", lambda: [plugin])
    assert changed_by(lambda: plugin.write_text("SIZE = 2\n") and None) == {
        "prepare/recordings",
        "features/recordings",
    }


def test_a_tree_is_the_same_under_other_comments_and_not_under_other_code(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        path = tmp_path / "module.py"
        path.write_text(text)
        return tree_digest(path)

    plain = digest("def f(x):\n    return x + 1\n")
    assert (
        digest('"""Words."""\n\ndef f(x):  # adds\n    """More."""\n    return (x\n            + 1)\n')
        == plain
    )
    for other in ("x + 2", "x - 1", "x + 1.0", "x + True", "'x + 1'", "None"):
        assert digest(f"def f(x):\n    return {other}\n") != plain
    assert digest("def f(x):\n    pass\n") != digest("def f(x):\n    return None\n")
    assert digest("x = None") != digest("x = []")


def test_a_stage_refuses_to_run_under_the_name_of_other_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code.check_code("train")
    write_json("code.json", code_digests())
    code.check_code("train")
    code.check_code("prepare", "watch")
    write_json("code.json", {"code": {"train": "other", "prepare": {"watch": "other"}}})
    for stage, kind in (("train", None), ("prepare", "watch"), ("map", None), ("prepare", "simulated")):
        with pytest.raises(HcutalError, match=rf"code\.json: says that stage {stage} has other code"):
            code.check_code(stage, kind)


def test_digests_are_the_same_in_another_process_and_folder(tmp_path: Path) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert stage_digest("map") == code_digests()["code"]["map"]
    finally:
        os.chdir(before)


def test_digests_are_remembered_until_a_file_is_another(edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(code.PACKAGE.parent)
    write_json("code.json", {})
    made: list[str] = []

    def counted(stage: str, kind: str | None = None) -> str:
        made.append(stage)
        return stage_digest(stage, kind)

    monkeypatch.setattr(code, "stage_digest", counted)
    first = code_digests()
    assert made
    made.clear()
    assert code_digests() == first
    assert made == []
    edit("evaluate/recall.py", "MOST = 100", "MOST = 101")
    other = code_digests()
    assert made
    assert {stage for stage in code.STAGES if other["code"][stage] != first["code"][stage]} == {"evaluate"}


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", "other"])
def test_remembered_digests_that_were_damaged_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_json("code.json", {})
    first = code_digests()
    if damage == "other":
        text = KNOWN_CODE.read_text()
        digest = first["code"]["map"]
        KNOWN_CODE.write_text(text.replace(digest, "0" * len(digest)))
    else:
        KNOWN_CODE.write_text(damage)
    assert code_digests() == first


def test_digests_are_known_without_room_to_remember_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, value: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.chdir(tmp_path)
    write_json("code.json", {})
    monkeypatch.setattr(code, "write_json", full)
    assert code_digests()["code"]["map"] == stage_digest("map")
    assert not KNOWN_CODE.exists()
