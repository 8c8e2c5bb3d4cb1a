"""Pseudo-labels of the training videos, and batches with several videos of a class."""

import numpy as np
import torch
from torch import Tensor


def one_hot(assignment: Tensor) -> Tensor:
    """The most probable cluster of each video: [N, C] probabilities to [N, C] zeros and ones.

    >>> one_hot(torch.tensor([[0.2, 0.8], [0.6, 0.4]])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return torch.nn.functional.one_hot(assignment.argmax(dim=1), assignment.shape[1]).to(assignment.dtype)


def mapped_labels(assignment: Tensor, truth: Tensor, fraction: float) -> Tensor:
    """The classes of each video's cluster by the count rule (section 3.2.1): multi-hot [N, K].

    Args:
        assignment: [N, C], soft assignment to clusters.
        truth: [N, K], multi-hot video-level labels, which the paper's own protocol uses here.
        fraction: a class is kept when its count is at least this share of that of the cluster's most frequent class.

    The second video gets the class of the cluster that it shares with the first:

    >>> assignment = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.8, 0.2], [0.0, 1.0]])
    >>> truth = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    >>> mapped_labels(assignment, truth, fraction=0.6).tolist()
    [[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    member = one_hot(assignment)  # [N, C]
    counts = member.T @ truth  # [C, K]
    kept = (counts > 0) & (counts >= fraction * counts.amax(dim=1, keepdim=True))
    return member @ kept.to(member.dtype)


def sample_batch(labels: np.ndarray, size: int, pairs: int, generator: np.random.Generator) -> np.ndarray:
    """Indices [size] of videos: two videos of each of `pairs` random classes, and the rest at random.

    Classes are drawn with replacement from those that have a video; the only video of a class is taken twice.

    Args:
        labels: [N, K], multi-hot.
        size: videos in a batch.
        pairs: how many pairs; at most size / 2 are used.
        generator: of the draws.

    One pair of the only class, and one video at random:

    >>> labels = np.array([[0, 1], [0, 1], [0, 0]])
    >>> batch = sample_batch(labels, size=3, pairs=1, generator=np.random.default_rng(0))
    >>> sorted(batch[:2].tolist()), len(batch)
    ([0, 1], 3)
    """
    present = np.flatnonzero(labels.any(axis=0))
    chosen = []
    for label in generator.choice(present, size=min(pairs, size // 2)):
        members = np.flatnonzero(labels[:, label])
        chosen.append(generator.choice(members, size=2, replace=len(members) < 2))
    rest = generator.integers(len(labels), size=size - 2 * len(chosen))
    return np.concatenate([*chosen, rest])
