from contextlib import closing

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from hcutal.extract.video.flow import Algorithm, FlowField

ALGORITHMS: list[Algorithm] = ["tvl1", "dis"]
SHIFT = (2, -1)


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    """A texture, and the same moved by SHIFT (right and up)."""
    texture = gaussian_filter(np.random.default_rng(0).normal(size=(80, 96)), 2, mode="wrap")
    scaled = (255 * (texture - texture.min()) / np.ptp(texture)).astype(np.uint8)
    return scaled, np.roll(scaled, (SHIFT[1], SHIFT[0]), axis=(0, 1))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_flow_of_a_moved_texture_is_its_shift(
    algorithm: Algorithm, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    with closing(FlowField(algorithm, bound=20.0, crop=48)) as flow:
        (found,) = flow.between([pair])
    assert found.shape == (48, 48, 2)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.median(found, axis=(0, 1)) * 20, SHIFT, atol=0.1)
    assert np.linalg.norm(found * 20 - SHIFT, axis=-1).mean() < 0.2


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_moves_farther_than_the_bound_counts_as_the_bound(
    algorithm: Algorithm, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    with closing(FlowField(algorithm, bound=1.5, crop=48)) as flow:
        (found,) = flow.between([pair])
    assert np.median(found[..., 0]) == 1
    assert np.median(found[..., 1]) == pytest.approx(SHIFT[1] / 1.5, abs=0.1)
    assert np.abs(found).max() == 1


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_threads_change_neither_values_nor_order(
    algorithm: Algorithm, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    first, second = pair
    pairs = [(first, second), (second, first), (first, first.copy()), (second, second)] * 2
    with closing(FlowField(algorithm, 20.0, 48, threads=1)) as flow:
        expected = [flow.between([one])[0] for one in pairs]
    with closing(FlowField(algorithm, 20.0, 48, threads=3)) as flow:
        np.testing.assert_array_equal(flow.between(pairs), expected)


def test_a_picture_held_does_not_move_nor_one_of_another_size(pair: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = pair
    with closing(FlowField("tvl1", 20.0, 48)) as flow:
        found = flow.between([(first, first), (first, second[:, :90])])
    assert [field.shape for field in found] == [(48, 48, 2)] * 2
    assert not np.any(found)
