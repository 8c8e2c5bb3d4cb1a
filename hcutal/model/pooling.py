"""Which snippets of a video stand for its action in video-level contrastive learning."""

import torch
from torch import Tensor
from torch.nn import functional


def smooth(scores: Tensor, width: int) -> Tensor:
    """Running mean over an odd `width` of snippets along the last axis, edges repeated; [N, T] to [N, T]."""
    if width < 1 or width % 2 == 0:
        raise ValueError(f"width must be odd, found {width}")
    padded = functional.pad(scores[:, None], (width // 2, width // 2), mode="replicate")
    return functional.avg_pool1d(padded, width, stride=1)[:, 0]


def deviation_scores(features: Tensor, width: int) -> Tensor:
    """How far each snippet is from its video's median snippet: [N, T, D] to [N, T].

    Snippets are brought to length 1 first; squared distances are smoothed over `width` snippets.
    """
    unit = functional.normalize(features, dim=2)
    centre = unit.median(dim=1, keepdim=True).values
    return smooth((unit - centre).square().sum(dim=2), width)


def select_snippets(scores: Tensor, count: int) -> Tensor:
    """Indices [N, count] of the highest scores [N, T] of each video, in the order of time.

    Raises:
        ValueError: when `count` is not between 1 and T.
    """
    if not 1 <= count <= scores.shape[1]:
        raise ValueError(f"count must be between 1 and T = {scores.shape[1]}, found {count}")
    return scores.topk(count, dim=1).indices.sort(dim=1).values


def standardise(pooled: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation [D] over the videos of `pooled` [N, D]; constant dimensions get deviation 1."""
    deviation = pooled.std(dim=0, correction=0)
    return pooled.mean(dim=0), torch.where(deviation > 1e-8, deviation, torch.ones_like(deviation))


def nearest_neighbours(pooled: Tensor, count: int) -> Tensor:
    """Indices [N, count] of the most similar other videos by cosine of `pooled` [N, D].

    With fewer than `count` other videos, all of them. Raises ValueError for a single video.
    """
    if len(pooled) < 2:
        raise ValueError("neighbours need at least two videos")
    unit = functional.normalize(pooled, dim=1)
    similarity = (unit @ unit.T).fill_diagonal_(-torch.inf)
    return similarity.topk(min(count, len(pooled) - 1), dim=1).indices
