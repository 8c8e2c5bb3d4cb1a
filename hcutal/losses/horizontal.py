"""Horizontal contrastive loss over videos: equation (2)."""

import torch
from torch import Tensor
from torch.nn import functional


def contrast_rows(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    r"""InfoNCE between the rows of two views, with cosine similarity and 2M-2 negatives a row.

    $$ \ell = -\frac{1}{2M}\sum_{m}\Big(\log\frac{e^{d(a_m,b_m)/\tau}}{e^{d(a_m,b_m)/\tau}
       +\sum_{j\ne m}(e^{d(a_m,a_j)/\tau}+e^{d(a_m,b_j)/\tau})} + \text{the same from } b_m\Big) $$

    Args:
        first, second: [M, D], row m of both views belongs together.
        temperature: above 0.

    Returns:
        A scalar, at least 0; it is 0 for a single row, which has no negatives.

    Raises:
        ValueError: when the shapes differ, are not two-dimensional, or the temperature is not above 0.
    """
    if first.shape != second.shape or first.dim() != 2:
        raise ValueError(f"views must be [M, D] alike, found {list(first.shape)} and {list(second.shape)}")
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, found {temperature}")
    rows = len(first)
    both = functional.normalize(torch.cat([first, second]), dim=1)
    logits = (both @ both.T) / temperature
    itself = torch.eye(2 * rows, dtype=torch.bool, device=logits.device)
    partner = torch.arange(2 * rows, device=logits.device).roll(rows)
    return functional.cross_entropy(logits.masked_fill(itself, -torch.inf), partner)


def horizontal_loss(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Equation (2): two views [N, C] of g_h, a row a video; the log and the negatives follow the paper's text."""
    return contrast_rows(first, second, temperature)
