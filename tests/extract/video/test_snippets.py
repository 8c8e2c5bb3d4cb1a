from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.extract.video.flow import Field, FlowField, Grey
from hcutal.extract.video.snippets import snippets, windows

CROP = 8


def slow_windows(count: int, size: int, stride: int) -> list[list[int]]:
    """With the whole list at hand."""
    items = list(range(count))
    if 0 < count < size:
        return [items + items[-1:] * (size - count)]
    return [items[start : start + size + 1] for start in range(0, count - size + 1, stride)]


@given(st.integers(0, 60), st.integers(2, 20), st.integers(1, 30))
def test_windows_against_a_slow_reference(count: int, size: int, stride: int) -> None:
    assert list(windows(iter(range(count)), size, stride)) == slow_windows(count, size, stride)


@given(st.integers(0, 60), st.integers(2, 20), st.integers(1, 30), st.integers(1, 8))
def test_windows_from_a_later_one_on(count: int, size: int, stride: int, start: int) -> None:
    rest = iter(range(start * stride, count))
    assert list(windows(rest, size, stride, fill=False)) == slow_windows(count, size, stride)[start:]


def test_windows_of_the_default_settings() -> None:
    assert [window[:16] for window in windows(range(40), 16, 16)] == [list(range(16)), list(range(16, 32))]
    assert list(windows([7], 3, 1)) == [[7, 7, 7]]


def test_no_more_than_one_window_is_held() -> None:
    taken = 0

    def counted() -> object:
        nonlocal taken
        for item in range(1000):
            taken += 1
            yield item

    made = windows(counted(), 16, 16)
    next(made)
    assert taken == 17
    next(made)
    assert taken == 33


class StepFlow(FlowField):
    """In the place of the flow: by how much the grey value rises; counts the pairs that it is asked for."""

    def __init__(self) -> None:
        self.pairs: list[tuple[int, int]] = []

    def between(self, pairs: Sequence[tuple[Grey, Grey]]) -> list[Field]:
        steps = [(int(a[0, 0]), int(b[0, 0])) for a, b in pairs]
        self.pairs += steps
        return [np.full((CROP, CROP, 2), b - a, dtype=np.float32) for a, b in steps]


def images(values: list[int]) -> list[np.ndarray]:
    """A picture for each value; equal neighbours are the same object, as the decoder gives them."""
    made: list[np.ndarray] = []
    for index, value in enumerate(values):
        same = index > 0 and values[index - 1] == value
        made.append(made[-1] if same else np.full((10, 13, 3), value, dtype=np.uint8))
    return made


def found(values: list[int], size: int, stride: int) -> tuple[list[list[int]], list[list[int]], StepFlow]:
    flow = StepFlow()
    made = list(snippets(images(values), size, stride, CROP, flow))
    rgb = [[int(frame[0, 0, 0]) for frame in snippet["rgb"]] for snippet in made]
    steps = [[int(frame[0, 0, 0]) for frame in snippet["flow"]] for snippet in made]
    return rgb, steps, flow


def test_flow_leads_to_the_next_frame_and_the_last_one_repeats() -> None:
    rgb, steps, _ = found([0, 1, 3, 6, 10, 15, 21, 28], size=4, stride=4)
    assert rgb == [[0, 1, 3, 6], [10, 15, 21, 28]]
    # 6 to 10 reaches into the next snippet; 28 is the last frame of the video.
    assert steps == [[1, 2, 3, 4], [5, 6, 7, 7]]


def test_flow_reaches_into_frames_that_belong_to_no_snippet() -> None:
    rgb, steps, flow = found([0, 1, 3, 6, 10, 15], size=4, stride=4)
    assert rgb == [[0, 1, 3, 6]]
    assert steps == [[1, 2, 3, 4]]
    assert flow.pairs == [(0, 1), (1, 3), (3, 6), (6, 10)]


def test_a_short_video_ends_in_a_still_picture() -> None:
    assert found([0, 1, 3], size=6, stride=6)[:2] == ([[0, 1, 3, 3, 3, 3]], [[1, 2, 0, 0, 0, 0]])
    assert found([5], size=4, stride=4)[:2] == ([[5, 5, 5, 5]], [[0, 0, 0, 0]])


def test_overlapping_snippets_share_their_flow() -> None:
    values = list(range(0, 24, 2))
    _, steps, flow = found(values, size=8, stride=2)
    assert steps == [[2] * 8] * 3
    assert flow.pairs == list(pairwise(values))


def test_a_stride_longer_than_a_snippet_skips_frames() -> None:
    rgb, _, flow = found(list(range(20)), size=3, stride=7)
    assert rgb == [[0, 1, 2], [7, 8, 9], [14, 15, 16]]
    assert (4, 5) not in flow.pairs


def test_without_flow_there_is_rgb_alone() -> None:
    (made,) = snippets(images([1, 2, 3]), 3, 3, CROP)
    assert list(made) == ["rgb"]
    assert made["rgb"].dtype == np.uint8
    assert made["rgb"].shape == (3, CROP, CROP, 3)


@pytest.mark.parametrize(("height", "width"), [(10, 13), (13, 10), (8, 8)])
def test_the_crop_is_the_middle(height: int, width: int) -> None:
    image = np.arange(height * width * 3, dtype=np.uint16).reshape(height, width, 3).astype(np.uint8)
    (made,) = snippets([image], 1, 1, CROP)
    top, left = (height - CROP) // 2, (width - CROP) // 2
    np.testing.assert_array_equal(made["rgb"][0], image[top : top + CROP, left : left + CROP])
