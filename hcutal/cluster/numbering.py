"""Numbers of clusters that stay when recordings are clustered again."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

Labels = npt.NDArray[np.int64]


def renumbered(found: Labels, before: Labels, clusters: int) -> Labels:
    """A clustering with the numbers under which most recordings keep theirs (Hungarian method).

    Args:
        found: [N], the cluster of each recording, 0 to C - 1.
        before: [N], its cluster in an earlier clustering, 0 to C - 1.
        clusters: C.

    Returns:
        [N], the groups of `found`, 0 to C - 1.

    Three of the four recordings keep their number:

    >>> renumbered(np.array([1, 1, 0, 0]), np.array([0, 0, 1, 0]), clusters=2).tolist()
    [0, 0, 1, 1]
    """
    both = np.zeros((clusters, clusters), dtype=np.int64)
    np.add.at(both, (found, before), 1)
    _, numbers = linear_sum_assignment(both, maximize=True)
    return np.asarray(numbers, dtype=np.int64)[found]
