"""Pseudo-labels of the training videos, and batches that hold several videos of a class."""

import numpy as np
import torch
from torch import Tensor


def one_hot(assignment: Tensor) -> Tensor:
    """The most probable cluster of each video: [N, C] probabilities to [N, C] zeros and ones."""
    return torch.nn.functional.one_hot(assignment.argmax(dim=1), assignment.shape[1]).to(assignment.dtype)


def mapped_labels(assignment: Tensor, truth: Tensor, fraction: float) -> Tensor:
    """The classes of each video's cluster by the count rule (section 3.2.1): multi-hot [N, K].

    Args:
        assignment: [N, C], soft assignment to clusters.
        truth: [N, K], multi-hot video-level labels; this is where the paper's own protocol uses them.
        fraction: classes are kept from this share of the cluster's most frequent class on.
    """
    member = one_hot(assignment)
    counts = member.T @ truth
    kept = (counts > 0) & (counts >= fraction * counts.amax(dim=1, keepdim=True))
    return member @ kept.to(member.dtype)


def sample_batch(labels: np.ndarray, size: int, pairs: int, generator: np.random.Generator) -> np.ndarray:
    """Indices [size] of videos: `pairs` random classes with two videos each, the rest at random.

    A class is drawn among those that have a video; where it has a single one, that one is taken twice.

    Args:
        labels: [N, K], multi-hot.
        size: videos in a batch.
        pairs: how many pairs; at most size / 2 are used.
        generator: source of randomness.
    """
    present = np.flatnonzero(labels.any(axis=0))
    chosen = []
    for label in generator.choice(present, size=min(pairs, size // 2)):
        members = np.flatnonzero(labels[:, label])
        chosen.append(generator.choice(members, size=2, replace=len(members) < 2))
    rest = generator.integers(len(labels), size=size - 2 * len(chosen))
    return np.concatenate([*chosen, rest])
