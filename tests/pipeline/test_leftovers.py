"""What DVC leaves behind when it is killed is removed; all that it has completed stays."""

from pathlib import Path

import pytest
from dvc_objects.fs.utils import tmp_fname

from hcutal.pipeline.leftovers import remove_partial_copies


def test_copies_that_were_not_ended_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folders = ("results/watch/summary", ".dvc/cache/runs/85/85b5", ".dvc/cache/files/md5/1f")
    partial = [Path(folder, tmp_fname()) for folder in folders]
    whole = [Path(folder, name) for folder in folders for name in ("report.html", "a.tmp", ".notes.tmp")]
    for path in (*partial, *whole):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert sorted(remove_partial_copies()) == sorted(partial)
    assert not any(path.exists() for path in partial)
    assert all(path.exists() for path in whole)
    assert remove_partial_copies() == []
