"""Which snippets are clearly action, clearly background, or at a boundary (section 3.1.4 of HC-UTAL)."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class MinedSnippets:
    """Indices of snippets of N videos.

    Attributes:
        action, background: [N, K], non-boundary (A^r, B^r).
        action_boundary, background_boundary: [N, K'], boundary (A^b, B^b).
    """

    action: Tensor
    background: Tensor
    action_boundary: Tensor
    background_boundary: Tensor


def dilate(mask: Tensor, width: int) -> Tensor:
    """Binary dilation of [N, T] with a window of odd `width`; beyond the ends, the mask counts as 0.

    >>> import torch
    >>> dilate(torch.tensor([[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]), 3).tolist()
    [[0.0, 1.0, 1.0, 1.0, 0.0, 0.0]]
    """
    if width < 1 or width % 2 == 0:
        raise ValueError(f"width must be odd, found {width}")
    return functional.max_pool1d(mask[:, None], width, stride=1, padding=width // 2)[:, 0]


def erode(mask: Tensor, width: int) -> Tensor:
    """Binary erosion of [N, T] with a window of odd `width`; beyond the ends, the mask counts as 1.

    So an action that reaches the end of the video has no boundary there:

    >>> import torch
    >>> erode(torch.tensor([[1.0, 1.0, 1.0, 0.0, 1.0]]), 3).tolist()
    [[1.0, 1.0, 0.0, 0.0, 0.0]]
    """
    return 1 - dilate(1 - mask, width)


def gather_rows(features: Tensor, places: list[tuple[Tensor, Tensor]]) -> list[Tensor]:
    """Snippets of some videos, for several choices at once: their gradients are added up in one pass.

    Args:
        features: [N, T, D].
        places: the videos [M] and the snippets of each of them [M, K]; M and K differ from choice to choice.

    Returns:
        [M, K, D] for each choice.

    >>> import torch
    >>> features, video = torch.tensor([[[1.0], [2.0], [3.0]]]), torch.tensor([0])
    >>> first, second = gather_rows(features, [(video, torch.tensor([[2, 0]])), (video, torch.tensor([[1]]))])
    >>> first.tolist(), second.tolist()
    ([[[3.0], [1.0]]], [[[2.0]]])
    """
    rows = [video[:, None] * features.shape[1] + snippets for video, snippets in places]
    taken = features.flatten(0, 1).index_select(0, torch.cat([own.flatten() for own in rows]))
    parts = taken.split([own.numel() for own in rows])
    return [part.view(*own.shape, -1) for part, own in zip(parts, rows, strict=True)]


def mine_snippets(actionness: Tensor, easy: int, hard: int, inner: int, outer: int) -> MinedSnippets:
    """Find the snippets that the boundary-level losses compare.

    Non-boundary: the `easy` snippets with the highest and with the lowest actionness. Boundary: the mask of snippets
    above the video's median is eroded and dilated with windows of `inner` and `outer` snippets. The ring just inside
    of the mask holds action boundaries, the ring just outside background boundaries; of each, the `hard` snippets with
    the highest actionness are taken. A ring with fewer snippets is filled up with those of highest actionness from the
    same side of the mask.

    Args:
        actionness: [N, T].
        easy: K.
        hard: K'.
        inner, outer: odd numbers of snippets, inner < outer.

    Raises:
        ValueError: when a count is outside 1 to T, or the windows are even or not inner < outer.

    >>> import torch
    >>> actionness = torch.tensor([[0.0, 0.1, 0.2, 0.3, 5.0, 6.0, 7.0, 8.0]])
    >>> mined = mine_snippets(actionness, easy=2, hard=1, inner=1, outer=3)
    >>> mined.action.tolist(), mined.background.tolist()
    ([[7, 6]], [[0, 1]])
    >>> mined.action_boundary.tolist(), mined.background_boundary.tolist()
    ([[4]], [[3]])
    """
    snippets = actionness.shape[1]
    if not (1 <= easy <= snippets and 1 <= hard <= snippets):
        raise ValueError(f"counts must be between 1 and T = {snippets}, found easy {easy}, hard {hard}")
    if inner >= outer:
        raise ValueError(f"expected inner < outer, found {inner} and {outer}")
    mask = (actionness > actionness.median(dim=1, keepdim=True).values).to(actionness.dtype)
    inside = erode(mask, inner) - erode(mask, outer)
    outside = dilate(mask, outer) - dilate(mask, inner)
    # Ranks, so that the ring always comes first whatever the scale of the actionness.
    rank = actionness.argsort(dim=1).argsort(dim=1).to(actionness.dtype) / snippets
    return MinedSnippets(
        action=actionness.topk(easy, dim=1).indices,
        background=actionness.topk(easy, dim=1, largest=False).indices,
        action_boundary=(2 * inside + mask + rank / 2).topk(hard, dim=1).indices,
        background_boundary=(2 * outside + (1 - mask) + rank / 2).topk(hard, dim=1).indices,
    )
