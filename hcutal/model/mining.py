"""Which snippets are clearly action, clearly background, or at a boundary (section 3.1.4)."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class MinedSnippets:
    """Snippet indices of N videos: non-boundary [N, K], boundary [N, K']."""

    action: Tensor
    background: Tensor
    action_boundary: Tensor
    background_boundary: Tensor


def dilate(mask: Tensor, width: int) -> Tensor:
    """Binary dilation of [N, T] with a window of odd `width`, outside counts as 0."""
    if width < 1 or width % 2 == 0:
        raise ValueError(f"width must be odd, found {width}")
    return functional.max_pool1d(mask[:, None], width, stride=1, padding=width // 2)[:, 0]


def erode(mask: Tensor, width: int) -> Tensor:
    """Binary erosion of [N, T] with a window of odd `width`, outside counts as 1."""
    return 1 - dilate(1 - mask, width)


def gather_snippets(features: Tensor, index: Tensor) -> Tensor:
    """The features [N, K, D] of the snippets `index` [N, K], from [N, T, D]."""
    return features.gather(1, index[:, :, None].expand(-1, -1, features.shape[2]))


def mine_snippets(actionness: Tensor, easy: int, hard: int, inner: int, outer: int) -> MinedSnippets:
    """Mine from actionness [N, T].

    Non-boundary: the `easy` highest and lowest snippets. Boundary: the mask of snippets above the video's median is
    eroded and dilated with windows of `inner` and `outer` snippets; the ring just inside holds action boundaries, the
    ring just outside background boundaries; of each, the `hard` snippets with the highest actionness. Where a ring is
    too short, the snippets of highest actionness near it (inside or outside the mask) fill up.

    Raises:
        ValueError: when a count is outside 1 to T, or the windows are even or not inner < outer.
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
