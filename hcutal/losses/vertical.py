"""Vertical contrastive loss over clusters, with the entropy of the assignment: equation (3) of HC-UTAL.

HC-UTAL: https://doi.org/10.1016/j.patcog.2025.111421. The loss is the cluster-level one of contrastive clustering
(Li et al., AAAI 2021, https://doi.org/10.1609/aaai.v35i10.17037).
"""

import math

import torch
from torch import Tensor

from hcutal.losses.horizontal import contrast_rows


def assignment_entropy(assignment: Tensor) -> Tensor:
    """Entropy in nats of the mean cluster assignment: M(.) of equation (3).

    Args:
        assignment: [N, C], soft assignments of N videos, rows sum to 1.

    Returns:
        A scalar between 0 (all videos in one cluster) and log C (all clusters equally used).

    >>> round(assignment_entropy(torch.eye(2)).item(), 4)  # log 2
    0.6931
    """
    share = assignment.sum(dim=0) / assignment.sum()
    # The logarithm's slope at 0 is infinite: an empty cluster would make every gradient NaN.
    return -(share * share.clamp(min=torch.finfo(share.dtype).tiny).log()).sum()


def vertical_loss(first: Tensor, second: Tensor, temperature: float, entropy_weight: float = 1.0) -> Tensor:
    """Equation (3): clusters are contrasted as columns, and using all clusters equally is rewarded.

    The constant 2 log C is added, which makes the entropy term 0 when all clusters are used equally and positive
    otherwise.

    Args:
        first, second: [N, C], soft assignments of two views, rows sum to 1.
        temperature: tau_v, above 0.
        entropy_weight: weight of the entropy term; 1 as printed.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: as `contrast_rows`.

    One cluster for each video leaves the contrast of the columns alone; one cluster for all adds 2 log 2:

    >>> even, collapsed = torch.eye(2), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> round(vertical_loss(even, even, 1.0).item(), 4)
    0.5514
    >>> contrast = vertical_loss(collapsed, collapsed, 1.0, entropy_weight=0.0)
    >>> round((vertical_loss(collapsed, collapsed, 1.0) - contrast).item(), 4)
    1.3863
    """
    contrast = contrast_rows(first.T, second.T, temperature)  # rows are clusters: [C, N]
    missing = 2 * math.log(first.shape[1]) - assignment_entropy(first) - assignment_entropy(second)
    return contrast + entropy_weight * missing
