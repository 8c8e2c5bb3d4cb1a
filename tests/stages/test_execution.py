"""What a stage leaves of how it ran, beside its results."""

import time
from pathlib import Path

import pytest

from hcutal.files import read_json
from hcutal.layout import CODE, last_execution
from hcutal.stages.execution import recorded

STAGE = "train@a.0"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    CODE.write_text("{}")
    return tmp_path


def test_a_stage_leaves_when_it_ran_on_what_and_what_it_took() -> None:
    before = time.time()
    with recorded(STAGE):
        taken = bytearray(64 << 20)
        taken[::4096] = b"x" * len(taken[::4096])
    found = read_json(last_execution(STAGE))
    assert found["stage"] == STAGE
    assert found["started"] <= before <= found["ended"] <= time.time()
    assert found["cpu_seconds"] > 0
    assert found["peak_memory_mb"] > 64
    assert found["device"].startswith(("cpu", "cuda"))
    assert found["machine"] and found["cores"] >= 1


def test_a_stage_that_fails_leaves_nothing() -> None:
    with pytest.raises(ZeroDivisionError), recorded(STAGE):
        _ = 1 / 0
    assert not last_execution(STAGE).exists()


def test_nothing_is_left_outside_of_a_project(tmp_path: Path) -> None:
    CODE.unlink()
    with recorded(STAGE):
        pass
    assert list(tmp_path.iterdir()) == []
