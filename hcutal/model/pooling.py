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


def whiten(pooled: Tensor, components: int) -> tuple[Tensor, Tensor]:
    """Mean [D] and projection [D, R] to the R strongest directions of `pooled` [N, D], each with variance 1.

    What all videos share weighs most in their pooled features; whitening lets the weaker directions count alike.
    Where the features have fewer directions than `components`, the rest of the projection is 0.
    """
    mean = pooled.mean(dim=0)
    _, strength, directions = torch.linalg.svd(pooled - mean, full_matrices=False)
    kept = (strength > 1e-6 * strength[:1])[:components]
    scale = kept / torch.where(kept, strength[:components], 1.0) * len(pooled) ** 0.5
    projection = torch.zeros(pooled.shape[1], components, dtype=pooled.dtype, device=pooled.device)
    projection[:, : len(scale)] = directions[:components].T * scale
    return mean, projection


def closest_rotation(new: Tensor, old: Tensor) -> Tensor:
    """The rotation or reflection [R, R] that brings coordinates `new` [N, R] closest to `old` [N, R] (Procrustes)."""
    left, _, right = torch.linalg.svd(new.T @ old)
    rotation: Tensor = left @ right
    return rotation


def nearest_neighbours(pooled: Tensor, count: int) -> Tensor:
    """Indices [N, count] of the most similar other videos by cosine of `pooled` [N, D].

    With fewer than `count` other videos, all of them. Raises ValueError for a single video.
    """
    if len(pooled) < 2:
        raise ValueError("neighbours need at least two videos")
    unit = functional.normalize(pooled, dim=1)
    similarity = (unit @ unit.T).fill_diagonal_(-torch.inf)
    return similarity.topk(min(count, len(pooled) - 1), dim=1).indices
