from itertools import permutations

import numpy as np
import pytest

from hcutal.cluster.numbering import renumbered


@pytest.mark.parametrize("seed", range(5))
def test_no_other_numbers_keep_more_recordings_in_their_cluster(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found, before = rng.integers(0, 4, (2, 30))
    ours = renumbered(found, before, 4)
    best = max(int((np.array(order)[found] == before).sum()) for order in permutations(range(4)))
    assert (ours == before).sum() == best


def test_groups_stay_as_they_are() -> None:
    found = np.array([3, 3, 0, 1, 0])
    ours = renumbered(found, np.array([0, 0, 3, 2, 1]), 4)
    # The first two keep 0, the third (or the fifth) its own, the fourth 2.
    assert ours.tolist() in ([0, 0, 3, 2, 3], [0, 0, 1, 2, 1])


def test_a_cluster_that_is_empty_keeps_its_number_free() -> None:
    assert renumbered(np.array([0, 0, 1]), np.array([2, 2, 1]), 3).tolist() == [2, 2, 1]
