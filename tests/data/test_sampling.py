import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.data.sampling import consecutive, random_perturbed, uniform

LENGTHS = st.lists(st.integers(1, 500), min_size=1, max_size=8)


@given(LENGTHS, st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_one_row_in_each_cell_of_the_grid(lengths: list[int], count: int, seed: int) -> None:
    rows = random_perturbed(lengths, count, np.random.default_rng(seed))
    assert rows.shape == (len(lengths), count)
    for length, found in zip(lengths, rows, strict=True):
        edges = np.arange(count + 1) * length / count
        assert (found >= np.floor(edges[:-1])).all()
        assert (found <= np.minimum(np.ceil(edges[1:]), length - 1)).all()
        assert (np.diff(found) >= 0).all()


def test_every_snippet_has_its_chance_and_seeds_repeat() -> None:
    draws = random_perturbed(np.full(400, 10), 4, np.random.default_rng(0))
    assert set(draws.ravel()) == set(range(10))
    assert (draws == random_perturbed(np.full(400, 10), 4, np.random.default_rng(0))).all()


@given(LENGTHS, st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_consecutive_rows_are_neighbours_where_there_are_enough(
    lengths: list[int], count: int, seed: int
) -> None:
    rows = consecutive(lengths, count, np.random.default_rng(seed))
    spread = random_perturbed(lengths, count, np.random.default_rng(seed))
    for length, found, other in zip(lengths, rows, spread, strict=True):
        if length > count:
            assert (np.diff(found) == 1).all()
            assert 0 <= found[0] <= found[-1] < length
        else:
            assert (found == other).all()


def test_consecutive_rows_begin_anywhere() -> None:
    rows = consecutive(np.full(200, 7), 4, np.random.default_rng(0))
    assert set(rows[:, 0]) == {0, 1, 2, 3}


def test_videos_that_are_to_be_spread_are() -> None:
    lengths, spread = np.array([50, 50, 3]), np.array([True, False, False])
    rows = consecutive(lengths, 5, np.random.default_rng(0), spread)
    assert (rows[[0, 2]] == random_perturbed(lengths, 5, np.random.default_rng(0))[[0, 2]]).all()
    assert (np.diff(rows[0]) > 1).any()
    assert (np.diff(rows[1]) == 1).all()


@given(st.integers(1, 2000), st.integers(1, 300))
def test_uniform_is_the_grid_of_the_field(length: int, count: int) -> None:
    expected = list(range(length)) if length <= count else [i * length // count for i in range(count)]
    assert uniform(length, count).tolist() == expected


@pytest.mark.parametrize(("length", "count"), [(0, 3), (3, 0)])
def test_nothing_to_sample(length: int, count: int) -> None:
    with pytest.raises(ValueError, match="expected both to be 1 or more"):
        uniform(length, count)
    with pytest.raises(ValueError, match="expected both to be 1 or more"):
        random_perturbed([5, length], count, np.random.default_rng(0))
