"""Boundary-level contrastive losses within a video: equations (6), (7) and (8)."""

import torch
from torch import Tensor
from torch.nn import functional


def non_boundary_loss(action: Tensor, background: Tensor, magnitude: float) -> Tensor:
    """Equation (6): action features are long, background features short.

    Args:
        action, background: [N, K, D], the non-boundary snippets of N videos; their mean is what is measured.
        magnitude: q, the length that action features should reach.

    Returns:
        A scalar: the mean over the videos of (max(0, q - |A|) + |B|)^2.

    Raises:
        ValueError: when a tensor is not three-dimensional or q is not above 0.
    """
    if action.dim() != 3 or background.dim() != 3:
        raise ValueError(f"expected [N, K, D] twice, found {list(action.shape)} and {list(background.shape)}")
    if magnitude <= 0:
        raise ValueError(f"q must be above 0, found {magnitude}")
    missing: Tensor = (magnitude - action.mean(dim=1).norm(dim=1)).clamp(min=0)
    length: Tensor = background.mean(dim=1).norm(dim=1)
    return (missing + length).square().mean()


def _refine(boundary: Tensor, positive: Tensor, negative: Tensor, temperature: float) -> Tensor:
    """InfoNCE a video: the mean boundary feature against the mean positive and each negative snippet; [N]."""
    anchor = functional.normalize(boundary.mean(dim=1), dim=1)
    near = (anchor * functional.normalize(positive.mean(dim=1), dim=1)).sum(dim=1, keepdim=True)
    far = torch.einsum("nd,nkd->nk", anchor, functional.normalize(negative, dim=2))
    logits = torch.cat([near, far], dim=1) / temperature
    return logits.logsumexp(dim=1) - logits[:, 0]


def boundary_loss(
    action_boundary: Tensor,
    background_boundary: Tensor,
    action: Tensor,
    background: Tensor,
    temperature: float,
) -> Tensor:
    """Equation (7): action boundaries move to the action, background boundaries to the background.

    The mean over the videos is taken where the paper prints the sum, so that the value does not hang on the batch.

    Args:
        action_boundary, background_boundary: [N, K', D], boundary snippets (A^b, B^b).
        action, background: [N, K, D], non-boundary snippets (A^r, B^r).
        temperature: above 0.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: when a tensor is not three-dimensional or the temperature is not above 0.
    """
    tensors = (action_boundary, background_boundary, action, background)
    if any(tensor.dim() != 3 for tensor in tensors):
        raise ValueError(f"expected [N, K, D] four times, found {[list(tensor.shape) for tensor in tensors]}")
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, found {temperature}")
    to_action = _refine(action_boundary, action, background, temperature)
    to_background = _refine(background_boundary, background, action, temperature)
    return (to_action + to_background).mean()
