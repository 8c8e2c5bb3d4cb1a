import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.data.units import SHARES, check_unit

DURATIONS = {"a": 60.0, "b": 50.0, "c": 100.0}
SECONDS = {"a": 58.0, "b": 30.0, "c": 99.0}


@pytest.mark.parametrize(
    ("factor", "unit"),
    [
        (1.0, "seconds"),
        (30 / 25, "another frame rate"),
        (15, "frames"),
        (25, "frames"),
        (120, "frames or milliseconds"),
        (1e3 / 6, "frames or milliseconds"),
        (1e3, "milliseconds"),
        (1e6, "microseconds"),
        (1e9, "nanoseconds"),
        (1 / 100, SHARES),
    ],
)
def test_the_unit_is_told_by_how_far_the_ends_lie_beyond(factor: float, unit: str) -> None:
    found = check_unit({name: end * factor for name, end in SECONDS.items()}, DURATIONS)
    assert (found.unit, found.checked) == (unit, 3)
    assert found.is_doubtful is (unit != "seconds")
    assert found.is_wrong is (unit not in ("seconds", "another frame rate"))


def test_one_recording_that_ends_too_late_is_no_other_unit() -> None:
    found = check_unit(SECONDS | {"b": 500.0}, DURATIONS)
    assert (found.unit, found.beyond) == ("seconds", ("b",))


def test_without_durations_nothing_is_said() -> None:
    assert check_unit(SECONDS, {"a": np.nan}).checked == 0
    assert check_unit({}, {}).checked == 0


def test_the_message_has_factor_and_unit() -> None:
    found = check_unit({"a": 1200.0, "b": 270.0}, DURATIONS)
    assert found.text("predictions") == (
        "predictions end at 20 times the duration in 2 of 2 recordings (a, b): frames?"
    )
    assert found.remedy() == "divide the times by the frame rate of the recordings"


@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.floats(6, 1e4), st.floats(0, 1)), min_size=1))
def test_times_within_the_recordings_are_seconds_unless_all_are_below_one(
    recordings: dict[str, tuple[float, float]],
) -> None:
    last = {name: length * share for name, (length, share) in recordings.items()}
    found = check_unit(last, {name: length for name, (length, _) in recordings.items()})
    assert found.unit == "seconds" or max(last.values()) <= 1
