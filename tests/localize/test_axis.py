import numpy as np
import pytest
import torch

from hcutal.data.times import SnippetTimes
from hcutal.localize.axis import TimeAxis, normalised


def axis(snippets=10, rows=None, frames=16, stride=16, fps=25.0, upsample=24, duration=np.inf):
    times = SnippetTimes(fps, frames, stride)
    return TimeAxis(np.arange(snippets) if rows is None else rows, snippets, times, upsample, duration)


def grid(sampled, snippets):
    return np.arange(sampled) * snippets // sampled


def test_points_span_all_snippets():
    line = axis()
    assert line.points == 240
    np.testing.assert_allclose(line.times(np.array([0, 24, 240])), [0, 0.64, 6.4])


def test_sampled_recordings_keep_their_times():
    line = axis(snippets=1000, rows=grid(750, 1000))
    np.testing.assert_allclose(line.times(np.array([0, line.points // 2, line.points])), [0, 320, 640])
    # The protocol of the field: i * 16 * T / (24 * T' * 25) seconds.
    assert line.times(np.array([77]))[0] == pytest.approx(77 * 16 * 1000 / (24 * 750 * 25))


def test_values_of_a_sampled_recording_stand_where_they_were_taken():
    # A ramp over time stays the same ramp, whichever snippets are looked at.
    rows = grid(100, 140)
    line = axis(snippets=140, rows=rows, fps=1.0, frames=1, stride=1)
    middle = (line.times(np.arange(line.points)) + line.times(np.arange(1, line.points + 1))) / 2
    inside = (middle > 0.5) & (middle < rows[-1] + 0.5)
    up = line.upsampled((rows + 0.5)[:, None])[:, 0]
    np.testing.assert_allclose(up[inside], middle[inside])
    np.testing.assert_allclose(up[~inside & (middle > 100)], rows[-1] + 0.5)


def test_times_end_with_the_recording():
    np.testing.assert_allclose(axis(duration=6.0).times(np.array([0, 240])), [0, 6.0])


def test_overlapping_snippets_stand_for_their_middle():
    # Windows of 2 s each second: window 3 covers [3, 5) and its middle second is [3.5, 4.5).
    line = axis(fps=1.0, frames=2, stride=1, upsample=4)
    np.testing.assert_allclose(line.times(np.array([12, 16])), [3.5, 4.5])


@pytest.mark.parametrize("snippets", [1, 2, 7])
def test_interpolates_like_torch(snippets):
    values = np.random.default_rng(0).normal(size=(snippets, 3))
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(values.T[None]), scale_factor=5, mode="linear", align_corners=False
    )
    found = axis(snippets=snippets, upsample=5).upsampled(values)
    np.testing.assert_allclose(found, expected[0].numpy().T, atol=1e-12)


def test_start_anchor_puts_values_on_the_first_point():
    values = np.array([[0.0], [1.0], [4.0]])
    for line in (axis(snippets=3, upsample=2), axis(snippets=5, rows=grid(3, 5), upsample=2)):
        np.testing.assert_allclose(line.upsampled(values, "start")[:, 0], [0, 0.5, 1, 2.5, 4, 4])


def test_min_max_over_time():
    values = np.array([[1.0, 5.0], [3.0, 5.0], [2.0, 5.0]], dtype=np.float32)
    np.testing.assert_allclose(normalised(values), [[0, 0], [1, 0], [0.5, 0]])
