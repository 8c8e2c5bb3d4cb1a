"""Which snippets represent a video in video-level contrastive learning, and the space that they are compared in."""

import torch
from torch import Tensor
from torch.nn import functional

# Videos that are compared with all others at once.
ROWS = 1024


def smooth(scores: Tensor, width: int) -> Tensor:
    """Running mean over an odd `width` of snippets, [N, T] to [N, T]; the first and last value continue outside.

    >>> smooth(torch.tensor([[3.0, 0.0, 0.0, 6.0]]), width=3).tolist()
    [[2.0, 1.0, 2.0, 4.0]]
    """
    if width < 1 or width % 2 == 0:
        raise ValueError(f"width must be odd, found {width}")
    padded = functional.pad(scores[:, None], (width // 2, width // 2), mode="replicate")
    return functional.avg_pool1d(padded, width, stride=1)[:, 0]


def deviation_scores(features: Tensor, width: int) -> Tensor:
    """How far each snippet is from its video's median snippet: [N, T, D] to [N, T].

    Snippets are first scaled to length 1; the squared distances are smoothed over `width` snippets.

    >>> snippets = torch.tensor([[[2.0, 0.0], [1.0, 0.0], [0.0, 3.0]]])
    >>> deviation_scores(snippets, width=1).tolist()
    [[0.0, 0.0, 2.0]]
    """
    unit = functional.normalize(features, dim=2)
    centre = unit.median(dim=1, keepdim=True).values
    return smooth((unit - centre).square().sum(dim=2), width)


def select_snippets(scores: Tensor, count: int) -> Tensor:
    """Indices [N, count] of the highest scores [N, T] of each video, in the order of time.

    Raises:
        ValueError: when `count` is not between 1 and T.

    >>> select_snippets(torch.tensor([[0.1, 0.9, 0.3, 0.8]]), count=2).tolist()
    [[1, 3]]
    """
    if not 1 <= count <= scores.shape[1]:
        raise ValueError(f"count must be between 1 and T = {scores.shape[1]}, found {count}")
    return scores.topk(count, dim=1).indices.sort(dim=1).values


def whiten(pooled: Tensor, components: int) -> tuple[Tensor, Tensor]:
    """The R strongest directions of pooled features, scaled to variance 1 each.

    The strongest directions are often those of scenes, not of actions; after whitening, all R directions count
    equally.

    Args:
        pooled: [N, D].
        components: R; where the features vary in fewer directions, the rest of the projection is 0.

    Returns:
        Mean [D] and projection [D, R]: the coordinates of x are (x - mean) @ projection.

    >>> pooled = torch.tensor([[1.0, 1.0], [9.0, 1.0], [1.0, 3.0], [9.0, 3.0]])
    >>> mean, projection = whiten(pooled, components=2)
    >>> mean.tolist()
    [5.0, 2.0]
    >>> ((pooled - mean) @ projection).abs().round(decimals=3).tolist()
    [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """
    mean = pooled.mean(dim=0)
    _, strength, directions = torch.linalg.svd(pooled - mean, full_matrices=False)
    kept = (strength > 1e-6 * strength[:1])[:components]
    scale = kept / torch.where(kept, strength[:components], 1.0) * len(pooled) ** 0.5
    projection = torch.zeros(pooled.shape[1], components, dtype=pooled.dtype, device=pooled.device)
    projection[:, : len(scale)] = directions[:components].T * scale
    return mean, projection


def closest_rotation(new: Tensor, old: Tensor) -> Tensor:
    """The rotation or reflection [R, R] that brings coordinates `new` [N, R] closest to `old` [N, R] (Procrustes).

    >>> old = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    >>> turned = torch.tensor([[0.0, 2.0], [-1.0, 0.0]])
    >>> bool(torch.allclose(turned @ closest_rotation(turned, old), old, atol=1e-6))
    True
    """
    left, _, right = torch.linalg.svd(new.T @ old)
    rotation: Tensor = left @ right
    return rotation


def nearest_neighbours(pooled: Tensor, count: int, apart: Tensor | None = None) -> Tensor:
    """Indices [N, count] of the most similar other videos, by the cosine of `pooled` [N, D], most similar first.

    With fewer than `count` other videos, all of them.

    Args:
        pooled: [N, D].
        count: how many.
        apart: [N], a number for each, such as that of the recording that a piece is of: those with the same number are
            no neighbours, where there are more numbers than neighbours.

    Raises:
        ValueError: for a single video.

    >>> pooled = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]])
    >>> nearest_neighbours(pooled, count=1).tolist()
    [[1], [0], [1]]
    >>> nearest_neighbours(pooled, count=1, apart=torch.tensor([0, 0, 1])).tolist()
    [[2], [2], [1]]
    """
    if len(pooled) < 2:
        raise ValueError("neighbours need at least two videos")
    unit = functional.normalize(pooled, dim=1)
    # The pieces of one recording beside each other are alike by what they share, not by what they show.
    own_apart = apart if apart is not None and len(apart.unique()) > count else None
    found = []
    for own in torch.arange(len(pooled), device=pooled.device).split(ROWS):
        similarity = (unit[own] @ unit.T).scatter_(1, own[:, None], -torch.inf)  # [ROWS, N]
        if own_apart is not None:
            similarity.masked_fill_(own_apart[own][:, None] == own_apart, -torch.inf)
        found.append(similarity.topk(min(count, len(pooled) - 1), dim=1).indices)
    return torch.cat(found)
