from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.extract.video.clock import FORWARD, TOLERANCE, Clock, Shown, resample


def resampled(times: list[float], fps: float, last: float = 0.0) -> list[int]:
    shown = [Shown(index, time, last if index == len(times) - 1 else 0.0) for index, time in enumerate(times)]
    return list(resample(shown, fps))


def slow_reference(times: list[float], fps: float, last: float) -> list[int]:
    """Frame k by looking at all frames for each k / fps."""
    end = times[-1] + (last or (times[-1] / (len(times) - 1) if len(times) > 1 else 1 / fps))
    found = []
    for k in range(10_000):
        if k > 0 and k / fps >= end - TOLERANCE:
            return found
        found.append(max(index for index, time in enumerate(times) if time <= k / fps + TOLERANCE))
    raise AssertionError("endless")


@pytest.mark.parametrize(
    ("times", "fps", "expected"),
    [
        ([0, 0.04, 0.08, 0.12], 25, [0, 1, 2, 3]),
        # 30 to 25: one in six is left out; 12.5 to 25: each is shown twice; 50 to 25: each second one.
        ([k / 30 for k in range(12)], 25, [0, 1, 2, 3, 4, 6, 7, 8, 9, 10]),
        ([0, 0.08, 0.16], 25, [0, 0, 1, 1, 2, 2]),
        ([k / 50 for k in range(6)], 25, [0, 2, 4]),
        # Timestamps in whole milliseconds change nothing.
        ([round(k / 30, 3) for k in range(12)], 30, list(range(12))),
        ([round(k / 30 + 0.017, 3) - 0.017 for k in range(12)], 30, list(range(12))),
        # A picture that stands still for a while.
        ([0, 0.04, 0.2, 0.24], 25, [0, 1, 1, 1, 1, 2, 3, 3]),
        ([0], 25, [0]),
    ],
)
def test_frames_shown_at_a_constant_rate(times: list[float], fps: float, expected: list[int]) -> None:
    assert resampled(times, fps) == expected


def test_the_last_frame_lasts_as_long_as_the_file_says() -> None:
    assert resampled([0, 0.04], 25, last=0.12) == [0, 1, 1, 1]
    assert resampled([0], 25, last=0.12) == [0, 0, 0]
    # Shorter than a frame: there is one all the same.
    assert resampled([0], 25, last=0.0005) == [0]


def test_of_no_frames_there_are_none() -> None:
    assert list(resample([], 25)) == []


@given(
    st.lists(st.floats(0.002, 0.3), max_size=25),
    st.sampled_from([5.0, 23.976, 25.0, 29.97, 60.0]),
    st.sampled_from([0.0, 0.01, 0.04, 0.5]),
)
def test_resampling_against_a_slow_reference(steps: list[float], fps: float, last: float) -> None:
    times = [sum(steps[:count]) for count in range(len(steps) + 1)]
    assert resampled(times, fps, last) == slow_reference(times, fps, last)


def clock(restarts: bool = False, tick: Fraction = Fraction(1, 1000)) -> Clock:
    return Clock(float(tick), 0.04, restarts)


def test_times_count_from_the_first_frame() -> None:
    c = clock()
    assert [c.time(pts, None) for pts in (500, 540, 600)] == pytest.approx([0, 0.04, 0.1])


def test_frames_without_a_stamp_follow_each_other_at_the_nominal_interval() -> None:
    c = clock()
    assert [c.time(None, None) for _ in range(3)] == pytest.approx([0, 0.04, 0.08])
    c = clock()
    assert [c.time(pts, None) for pts in (0, None, 90)] == pytest.approx([0, 0.04, 0.09])


def test_a_frame_that_is_not_later_is_dropped() -> None:
    c = clock()
    assert [c.time(pts, pts) for pts in (0, 40, 40, 20, 80)] == [0, 0.04, None, None, pytest.approx(0.08)]


def test_decoding_stamps_count_where_presentation_stamps_go_back_more_often() -> None:
    # B-frames in an AVI file, whose presentation stamps are decoding stamps out of order.
    c = clock()
    stamps = [(0, 0), (120, 40), (40, 80), (80, 120), (240, 160), (160, 200)]
    times = [c.time(pts, dts) for pts, dts in stamps]
    assert times == [0, 0.12, None, None, pytest.approx(0.16), pytest.approx(0.2)]


@pytest.mark.parametrize("restarts", [True, False])
def test_time_goes_on_where_the_recorder_began_to_count_anew(restarts: bool) -> None:
    c = clock(restarts)
    assert [c.time(pts, None) for pts in (1_500, 1_540, 0, 40)] == pytest.approx([0, 0.04, 0.08, 0.12])


def test_a_long_step_is_a_still_picture_unless_the_format_may_begin_anew() -> None:
    step = int(FORWARD * 1000) + 1000
    assert clock_times(False, [0, 40, 40 + step]) == pytest.approx([0, 0.04, 0.04 + step / 1000])
    assert clock_times(True, [0, 40, 40 + step]) == pytest.approx([0, 0.04, 0.08])


def clock_times(restarts: bool, stamps: list[int]) -> list[float | None]:
    c = clock(restarts)
    return [c.time(stamp, None) for stamp in stamps]
