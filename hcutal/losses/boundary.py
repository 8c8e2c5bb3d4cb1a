"""Boundary-level contrastive losses within a video: equations (6) and (7) of HC-UTAL.

HC-UTAL: https://doi.org/10.1016/j.patcog.2025.111421. Contrasting hard snippets at boundaries with easy ones comes
from CoLA (Zhang et al., CVPR 2021, arXiv:2103.16392).
"""

import torch
from torch import Tensor
from torch.nn import functional


def non_boundary_loss(action: Tensor, background: Tensor, magnitude: float) -> Tensor:
    """Equation (6): action features are long, background features short.

    Args:
        action, background: [N, K, D], the non-boundary snippets of N videos (A^r, B^r).
        magnitude: q, the length that action features should reach, in the units of the features.

    Returns:
        A scalar: the mean over the videos of (max(0, q - |A|) + |B|)^2, where |.| is the length of the mean over the
        K snippets.

    Raises:
        ValueError: when a tensor is not three-dimensional or q is not above 0.

    The action is 1 short of q = 6, the background has length 2: (1 + 2)^2.

    >>> action, background = torch.tensor([[[3.0, 4.0]]]), torch.tensor([[[2.0, 0.0]]])
    >>> non_boundary_loss(action, background, magnitude=6.0).item()
    9.0
    """
    if action.dim() != 3 or background.dim() != 3:
        raise ValueError(f"expected [N, K, D] twice, found {list(action.shape)} and {list(background.shape)}")
    if magnitude <= 0:
        raise ValueError(f"q must be above 0, found {magnitude}")
    missing: Tensor = (magnitude - action.mean(dim=1).norm(dim=1)).clamp(min=0)
    length: Tensor = background.mean(dim=1).norm(dim=1)
    return (missing + length).square().mean()


def _refine(boundary: Tensor, positive: Tensor, negative: Tensor, temperature: float) -> Tensor:
    """InfoNCE of each video [N]: its mean boundary feature against the mean positive and every negative snippet."""
    anchor = functional.normalize(boundary.mean(dim=1), dim=1)  # [N, D]
    near = (anchor * functional.normalize(positive.mean(dim=1), dim=1)).sum(dim=1, keepdim=True)  # [N, 1]
    # [N, D] and [N, K, D] to [N, K]: the similarity of a video's anchor to each of its negative snippets. These are
    # many: their products are divided by their lengths, not they themselves.
    far = torch.einsum("nd,nkd->nk", anchor, negative) / negative.norm(dim=2).clamp(min=1e-12)
    logits = torch.cat([near, far], dim=1) / temperature  # [N, 1 + K]
    return logits.logsumexp(dim=1) - logits[:, 0]


def boundary_loss(
    action_boundary: Tensor,
    background_boundary: Tensor,
    action: Tensor,
    background: Tensor,
    temperature: float,
) -> Tensor:
    """Equation (7): action boundaries are pulled towards the action, background boundaries towards the background.

    The paper prints the sum over the videos; here it is their mean, which does not depend on the size of the batch.

    Args:
        action_boundary, background_boundary: [N, K', D], boundary snippets (A^b, B^b).
        action, background: [N, K, D], non-boundary snippets (A^r, B^r).
        temperature: tau_f, above 0.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: when a tensor is not three-dimensional or the temperature is not above 0.

    Boundaries equal their positive and are orthogonal to their single negative: log((e + 1) / e), twice.

    >>> action, background = torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.0, 1.0]]])
    >>> round(boundary_loss(action, background, action, background, temperature=1.0).item(), 4)
    0.6265
    """
    tensors = (action_boundary, background_boundary, action, background)
    if any(tensor.dim() != 3 for tensor in tensors):
        raise ValueError(f"expected [N, K, D] four times, found {[list(tensor.shape) for tensor in tensors]}")
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, found {temperature}")
    to_action = _refine(action_boundary, action, background, temperature)
    to_background = _refine(background_boundary, background, action, temperature)
    return (to_action + to_background).mean()
