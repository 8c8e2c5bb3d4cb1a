"""Vertical contrastive loss over clusters, with the entropy of the assignment: equation (3)."""

import math

import torch
from torch import Tensor

from hcutal.losses.horizontal import contrast_rows


def assignment_entropy(assignment: Tensor) -> Tensor:
    """Entropy in nats of the mean cluster assignment: M(.) of equation (3); `assignment` is [N, C], rows sum to 1."""
    share = assignment.sum(dim=0) / assignment.sum()
    # The logarithm's slope at 0 is infinite: an empty cluster would make every gradient NaN.
    return -(share * share.clamp(min=torch.finfo(share.dtype).tiny).log()).sum()


def vertical_loss(first: Tensor, second: Tensor, temperature: float, entropy_weight: float = 1.0) -> Tensor:
    """Equation (3): clusters are contrasted as columns, and an even use of the clusters is rewarded.

    The constant 2 log C is added, so that the entropy term is at least 0 and is 0 when all clusters are used alike.

    Args:
        first, second: [N, C], soft assignments of two views, rows sum to 1.
        temperature: above 0.
        entropy_weight: 1 as printed.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: as `contrast_rows`.
    """
    contrast = contrast_rows(first.T, second.T, temperature)
    missing = 2 * math.log(first.shape[1]) - assignment_entropy(first) - assignment_entropy(second)
    return contrast + entropy_weight * missing
