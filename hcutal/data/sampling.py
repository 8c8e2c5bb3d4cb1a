"""Which snippets of a video are used, in training and in testing."""

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]


def random_perturbed(lengths: npt.ArrayLike, count: int, generator: np.random.Generator) -> Rows:
    """Sorted rows [B, count] of videos with `lengths` [B]: one at random in each cell of a uniform grid.

    A video shorter than `count` repeats snippets. Raises `ValueError` for a length or count below 1.
    """
    sizes = np.atleast_1d(np.asarray(lengths, dtype=np.intp))
    _check(int(sizes.min(initial=1)), count)
    places = (np.arange(count) + generator.random((len(sizes), count))) / count
    # Rounding can carry a place just below 1 up to the length itself.
    return np.minimum((places * sizes[:, None]).astype(np.intp), sizes[:, None] - 1)


def consecutive(
    lengths: npt.ArrayLike, count: int, generator: np.random.Generator, spread: npt.ArrayLike = False
) -> Rows:
    """Rows [B, count] of videos with `lengths` [B]: `count` in a row, from a random one on.

    A video of at most `count` snippets, or for which `spread` [B] is true, is sampled as `random_perturbed` does.
    Raises `ValueError` as that does.
    """
    sizes = np.atleast_1d(np.asarray(lengths, dtype=np.intp))
    rows = random_perturbed(sizes, count, generator)
    spare = np.maximum(sizes - count, 0)
    first = generator.integers(spare + 1)
    in_a_row = first[:, None] + np.arange(count)
    is_in_a_row = (spare > 0) & ~np.asarray(spread, dtype=bool)
    return np.where(is_in_a_row[:, None], in_a_row, rows)


def uniform(length: int, count: int) -> Rows:
    """Sorted rows floor(i * length / count) [count]; all rows [length] where there are at most `count`."""
    _check(length, count)
    if length <= count:
        return np.arange(length, dtype=np.intp)
    return np.arange(count, dtype=np.intp) * length // count


def _check(length: int, count: int) -> None:
    if length < 1 or count < 1:
        raise ValueError(f"length is {length}, count is {count}; expected both to be 1 or more")
