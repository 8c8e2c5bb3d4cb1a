from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.pipeline.graph import read_graph
from tests.workflow.project import make


def test_a_lock_that_is_being_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    lock = tmp_path / "dvc.lock"
    lock.write_text("schema: '2.0'\nstages:\n  train@a.0:\n    cm")
    monkeypatch.setattr("hcutal.pipeline.graph.time.sleep", lambda _: lock.unlink())
    graph = read_graph()
    assert not lock.exists()
    assert not graph["train@a.0"].intact


def test_a_lock_that_stays_broken_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.lock").write_text("schema: '2.0'\nstages:\n  train@a.0:\n    cm")
    monkeypatch.setattr("hcutal.pipeline.graph.TRY_SECONDS", 0.0)
    with pytest.raises(
        HcutalError,
        match=r"(?s)dvc.lock: cannot be read.*take either side, or remove the",
    ):
        read_graph()


def test_a_lock_that_is_cut_within_a_hash_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  train@a.0:\n    cmd: python\n    outs:\n"
        "    - path: results/a/seed-0/train/model.json\n      hash: m"
    )
    with pytest.raises(
        HcutalError,
        match=r"dvc.lock: train@a.0: .*model.json: hash: found 'm'; expected md5; after a conflict",
    ):
        read_graph()
