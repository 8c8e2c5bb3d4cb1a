"""Damaged objects of DVC's cache: found by their content, and removed, whoever is quicker."""

import hashlib
from pathlib import Path

import pytest

from hcutal.pipeline import restored

OBJECT = b"what the stage made"


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, object], Path]:
    """An entry of dvc.lock with one output, and the path of its object, which is whole."""
    monkeypatch.setattr(restored, "_cache_folder", lambda: tmp_path)
    md5 = hashlib.md5(OBJECT).hexdigest()
    path = tmp_path / "files" / "md5" / md5[:2] / md5[2:]
    path.parent.mkdir(parents=True)
    path.write_bytes(OBJECT)
    return {"outs": [{"path": "results/a.json", "md5": md5}]}, path


def test_a_whole_object_stays(entry: tuple[dict[str, object], Path]) -> None:
    assert restored.remove_damaged_objects(entry[0]) == []
    assert entry[1].read_bytes() == OBJECT


def test_a_damaged_object_is_removed_and_named(entry: tuple[dict[str, object], Path]) -> None:
    entry[1].write_bytes(OBJECT[:-1])
    (removed,) = restored.remove_damaged_objects(entry[0])
    assert removed.md5 == hashlib.md5(OBJECT).hexdigest()
    assert not entry[1].exists()


def test_a_damaged_object_that_another_job_removes_first_is_named_all_the_same(
    entry: tuple[dict[str, object], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def found_and_gone(path: Path, md5: str) -> bool:
        path.unlink()
        return True

    monkeypatch.setattr(restored, "_is_damaged", found_and_gone)
    assert len(restored.remove_damaged_objects(entry[0])) == 1
