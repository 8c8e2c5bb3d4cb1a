"""Instance-level contrastive loss between videos of the same pseudo-label: equation (5) of HC-UTAL.

HC-UTAL: https://doi.org/10.1016/j.patcog.2025.111421.
"""

import torch
from torch import Tensor
from torch.nn import functional


def instance_loss(features: Tensor, labels: Tensor, temperature: float) -> Tensor:
    r"""Action features of the same class attract, those of other classes repel.

    $$ \ell_{ij} = -\log\frac{e^{F_i\cdot F_j/\tau}}{e^{F_i\cdot F_j/\tau}+\sum_u e^{F_i\cdot F_u/\tau}} $$

    averaged over all ordered pairs i != j of one class; u runs over the features of other classes. Features are
    first scaled to length 1: otherwise the exponentials overflow at a temperature of 0.07.

    Args:
        features: [M, D], one action feature a row.
        labels: [M], whole numbers: the class of each row.
        temperature: tau_in, above 0.

    Returns:
        A scalar, at least 0; 0 when no class has two rows.

    Raises:
        ValueError: when the lengths differ or the temperature is not above 0.

    Two features of class 0 point the same way, one of class 1 is orthogonal to them: log((e + 1) / e).

    >>> features = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    >>> round(instance_loss(features, torch.tensor([0, 0, 1]), temperature=1.0).item(), 4)
    0.3133
    """
    if features.dim() != 2 or labels.shape != features.shape[:1]:
        raise ValueError(f"expected [M, D] and [M], found {list(features.shape)} and {list(labels.shape)}")
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, found {temperature}")
    unit = functional.normalize(features, dim=1)
    similarity = unit @ unit.T / temperature  # [M, M]
    same = labels[:, None] == labels[None, :]  # [M, M]
    positive = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    if not positive.any():
        return features.sum() * 0
    repelled = similarity.masked_fill(same, -torch.inf).logsumexp(dim=1, keepdim=True)  # [M, 1]
    return functional.softplus(repelled - similarity)[positive].mean()
