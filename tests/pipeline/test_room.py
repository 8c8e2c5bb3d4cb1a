"""A disk without room is told by name, whatever failed for want of it."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from hcutal.pipeline.room import FEWEST_BYTES, full_disk

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize("free", [0, FEWEST_BYTES - 1, FEWEST_BYTES])
def test_a_disk_is_full_below_what_a_database_needs(
    free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9 - free, free))
    said = full_disk(tmp_path)
    if free == FEWEST_BYTES:
        assert said is None
    else:
        assert (
            said
            == f"{tmp_path}: No space left on device ({free // 1024} KiB are free); make room and run again"
        )
