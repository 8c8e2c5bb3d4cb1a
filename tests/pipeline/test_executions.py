"""What executions took is kept by what they made, and is there again when that is restored."""

from pathlib import Path

import pytest

from hcutal.files import write_json
from hcutal.layout import execution, last_execution
from hcutal.pipeline.executions import (
    Execution,
    execution_of,
    forget_last,
    keep_execution,
    latest_seconds,
    note_restored,
)

FIRST, SECOND = "aa" * 32, "bb" * 32
TOOK = {"stage": "train@a.0", "started": 10.0, "ended": 12.5, "device": "cpu", "cores": 2}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_execution_is_known_by_what_it_made() -> None:
    write_json(last_execution("train@a.0"), TOOK)
    keep_execution("train@a.0", FIRST)
    assert execution_of(FIRST) == Execution(started=10.0, ended=12.5, device="cpu")
    assert (execution_of(FIRST).seconds, execution_of(FIRST).status) == (2.5, "ran")
    assert execution_of(SECOND) == Execution()
    assert not last_execution("train@a.0").exists()


def test_a_restored_state_has_the_times_of_the_execution_that_made_it() -> None:
    write_json(last_execution("train@a.0"), TOOK)
    keep_execution("train@a.0", FIRST)
    note_restored("train@a.0", FIRST)
    assert (execution_of(FIRST).seconds, execution_of(FIRST).status) == (2.5, "restored")


def test_where_the_execution_is_not_known_its_time_is_not() -> None:
    assert (execution_of(FIRST).seconds, execution_of(FIRST).status) == (None, "time unknown")
    note_restored("train@a.0", FIRST)
    assert execution_of(FIRST).status == "restored, time unknown"


def test_an_execution_that_left_nothing_does_not_take_the_times_of_another() -> None:
    write_json(last_execution("train@a.0"), TOOK)
    keep_execution("train@a.0", FIRST)
    write_json(last_execution("train@a.0"), TOOK)
    forget_last("train@a.0")
    keep_execution("train@a.0", FIRST)
    assert execution_of(FIRST) == Execution()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\0\0"])
def test_a_damaged_record_makes_the_time_unknown(content: bytes) -> None:
    execution(FIRST).parent.mkdir(parents=True)
    execution(FIRST).write_bytes(content)
    assert execution_of(FIRST) == Execution()


@pytest.mark.parametrize("wrong", [None, "10.0", -1, 1e300, [10.0]])
def test_what_is_wrong_in_a_record_is_unknown_and_stops_nothing(wrong: object) -> None:
    write_json(execution(FIRST), {**TOOK, "started": wrong, "device": 5})
    assert execution_of(FIRST) == Execution(ended=12.5)
    assert execution_of(FIRST).status == "time unknown"


def test_the_latest_execution_of_a_stage_says_how_long_it_takes() -> None:
    write_json(execution(FIRST), {**TOOK, "started": 10.0, "ended": 12.0})
    write_json(execution(SECOND), {**TOOK, "started": 20.0, "ended": 25.0})
    write_json(execution("cc" * 32), {**TOOK, "stage": "map@a.0", "started": None})
    assert latest_seconds() == {"train@a.0": 5.0}
