"""dvc.lock by entries: read and written as DVC does it, byte by byte."""

import shutil
from pathlib import Path

import pytest
from dvc import dvcfile
from dvc.cli import main as dvc_main

from hcutal.pipeline import dvc_single
from hcutal.pipeline.lock import lock_entry
from hcutal.pipeline.lock_text import HEAD, entries_of

DVC_YAML = """\
stages:
  a:
    foreach: ['1.0']
    do: {cmd: mkdir -p one && echo 1 > one/file, params: [own, {other.yaml: null}], outs: [one]}
  b: {cmd: cp one/file two, deps: [one], params: [changed], outs: [two]}
  c_1-x: {cmd: cp one/file three, deps: [one], params: [changed], outs: [three]}
"""
OWN = """\
changed: 1
own:
  text: "it's: a 'text', é \\U0001F600, and long enough that a line of it does not hold all of the words that it has"
  lines: "one\\n\\ntwo \\n"
  none: null
  numbers: [1, 1.0e-5, .inf, 0.1, '1', '0x1f', 1e3]
  words: ['yes', 'null', '', ' x', '- a', '#', '&id', '*', "\\t"]
  empty: {list: [], map: {}}
  deep: [[1, [2]], {a: [{b: 1}]}]
  '1.5': 2
"""
STAGES = ("a@1.0", "b", "c_1-x")


def repro(stage: str) -> list[str]:
    return ["repro", "--single-item", stage]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The same project twice, which DVC has run."""
    # What `main` puts in its place goes with the test.
    monkeypatch.setattr(dvcfile, "Lockfile", dvcfile.Lockfile)
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    monkeypatch.chdir(theirs)
    assert dvc_main(["init", "--quiet", "--no-scm"]) == 0
    for name, text in (("dvc.yaml", DVC_YAML), ("params.yaml", OWN), ("other.yaml", OWN)):
        Path(name).write_text(text)
    for stage in STAGES:
        assert dvc_main(repro(stage)) == 0
    shutil.copytree(theirs, ours)
    return theirs, ours


def both(folders: tuple[Path, Path], stage: str, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, bytes]:
    """dvc.lock after DVC has run a stage, and after ours has."""
    locks = []
    for folder, run in zip(folders, (dvc_main, dvc_single.main), strict=True):
        monkeypatch.chdir(folder)
        assert run(repro(stage)) == 0
        locks.append(Path("dvc.lock").read_bytes())
    return locks[0], locks[1]


def test_an_entry_is_written_as_dvc_writes_it(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Path("dvc.lock").read_text()
    entries = entries_of(text)
    assert entries is not None
    assert tuple(entries) == STAGES
    assert HEAD + "".join(entries.values()) == text
    for change, stage in ((("changed: 1", "changed: 2"), "b"), (("own:\n", "own:\n  more: é\n"), "a@1.0")):
        for folder in folders:
            (folder / "params.yaml").write_text(OWN.replace(*change))
        theirs, ours = both(folders, stage, monkeypatch)
        assert ours == theirs != text.encode()
    assert lock_entry("b")["params"] == {"params.yaml": {"changed": 2}}
    # A stage without an entry gets one, at the end.
    for folder in folders:
        (folder / "dvc.lock").write_text(HEAD + entries["b"] + entries["a@1.0"])
    theirs, ours = both(folders, "c_1-x", monkeypatch)
    assert ours == theirs
    assert b"c_1-x" in ours


def test_a_file_that_is_not_as_dvc_writes_it_is_left_to_dvc(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in folders:
        text = (folder / "dvc.lock").read_text()
        (folder / "dvc.lock").write_text(text.replace("  b:\n", "  # mine\n  b:\n"))
        (folder / "params.yaml").write_text(OWN.replace("changed: 1", "changed: 2"))
    assert lock_entry("b")["cmd"] == "cp one/file two"
    theirs, ours = both(folders, "b", monkeypatch)
    assert ours == theirs
    assert b"# mine" in ours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "schema: '2.0'\n",
        f"{HEAD}  a:\n    cmd: x\n    outs",
        f"{HEAD}  a:\n    cmd: x\n  a:\n    cmd: y\n",
        f"{HEAD}  a:\n    cmd: x\n<<<<<<< HEAD\n",
        f"{HEAD}  a:\n    cmd: x\ndatasets: []\n",
        f"{HEAD}  a: {{cmd: x}}\n",
        f"{HEAD}  a:\n    cmd: &id001 x\n",
    ],
)
def test_other_texts_have_no_entries(text: str) -> None:
    assert entries_of(text) is None
