"""Horizontal contrastive loss over videos: equation (2) of HC-UTAL.

HC-UTAL: https://doi.org/10.1016/j.patcog.2025.111421. The loss is the instance-level one of contrastive clustering
(Li et al., AAAI 2021, https://doi.org/10.1609/aaai.v35i10.17037).
"""

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

    Each row below has a positive with similarity 1 and two negatives with similarity 0: log((e + 2) / e).

    >>> views = torch.eye(2)
    >>> round(contrast_rows(views, views, temperature=1.0).item(), 4)
    0.5514
    """
    if first.shape != second.shape or first.dim() != 2:
        raise ValueError(f"views must be [M, D] alike, found {list(first.shape)} and {list(second.shape)}")
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, found {temperature}")
    rows = len(first)
    both = functional.normalize(torch.cat([first, second]), dim=1)  # [2M, D]
    logits = (both @ both.T) / temperature  # [2M, 2M]
    itself = torch.eye(2 * rows, dtype=torch.bool, device=logits.device)
    partner = torch.arange(2 * rows, device=logits.device).roll(rows)
    return functional.cross_entropy(logits.masked_fill(itself, -torch.inf), partner)


def horizontal_loss(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Equation (2): two views of N videos as g_h sees them, a row for each video.

    The logarithm and the 2N-2 negatives follow the paper's text; see docs/method.md.

    Args:
        first, second: [N, C], the outputs of g_h for the two views.
        temperature: tau_h, above 0.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: as `contrast_rows`.

    Views that agree cost less than views that are swapped:

    >>> views = torch.eye(2)
    >>> round(horizontal_loss(views, views, 1.0).item(), 4)
    0.5514
    >>> round(horizontal_loss(views, views.flip(0), 1.0).item(), 4)
    1.5514
    """
    return contrast_rows(first, second, temperature)
