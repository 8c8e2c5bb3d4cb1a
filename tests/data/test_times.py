"""Rows of snippets in seconds."""

import numpy as np
import pytest

from hcutal.data.times import SnippetTimes


@pytest.mark.parametrize(("stride", "end"), [(20, 20.0), (10, 11.0), (30, 29.0)])
def test_the_end_is_that_of_the_last_snippet(stride: int, end: float) -> None:
    assert SnippetTimes(10.0, 20, stride).end(10) == end


def test_middles_by_hand() -> None:
    # 16 frames at 25 a second, a snippet every 4: the first is centred at 8 frames, the third at 16.
    times = SnippetTimes(25.0, 16, 4)
    np.testing.assert_allclose(times.middles(np.array([0, 2])), [0.32, 0.64])


def test_a_late_first_frame_moves_everything() -> None:
    early, late = SnippetTimes(25.0, 16, 8), SnippetTimes(25.0, 16, 8, offset=2.0)
    rows = np.arange(5)
    np.testing.assert_allclose(late.middles(rows), early.middles(rows) + 2)
    np.testing.assert_allclose(late.edges(rows, 4, 10), early.edges(rows, 4, 10) + 2)
    assert late.end(5) == pytest.approx(early.end(5) + 2)


def test_edges_of_all_snippets_lie_between_their_middles() -> None:
    times = SnippetTimes(10.0, 6, 2)
    edges = times.edges(np.arange(8), 7, 7)
    np.testing.assert_allclose((edges[:-1] + edges[1:]) / 2, times.middles(np.arange(7)))


@pytest.mark.parametrize(("seconds", "count"), [(0.63, 0), (0.64, 1), (64.0, 100), (64.63, 100)])
def test_whole_snippets_that_fit(seconds: float, count: int) -> None:
    assert SnippetTimes(25.0, 16, 16).count(seconds) == count
