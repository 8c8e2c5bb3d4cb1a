"""Pseudo-labels of the training videos, and batches with several videos of a class."""

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from hcutal.model.packed import TrainingFeatures
from hcutal.model.video_level import VideoLevel
from hcutal.params.train import TrainParams


class PseudoLabels:
    """The labels that the localizer learns from, whatever they are made of.

    Clusters come from the video level, or from one classic clustering of the recordings' mean features. Labels are the
    clusters, or the classes that the clusters have most (supervision mapped). With weak supervision there are no
    clusters, and labels are the true ones.

    Args:
        params: section `train`, with a number of clusters.
        level: the video level, where clusters come from it.
        features: of the N training videos.
        truth: [N, K], multi-hot video-level labels where training is given some, else None.
    """

    def __init__(
        self, params: TrainParams, level: VideoLevel, features: TrainingFeatures, truth: Tensor | None
    ) -> None:
        self._params = params
        self._level = level
        self._features = features
        self._truth = truth
        self._classic = params.pseudo_labels.classic

    @property
    def frozen(self) -> bool:
        """Whether labels stay as they are while the localizer is trained."""
        return self._params.supervision == "weak" or self._classic is not None or not self._params.joint

    def assignment(self) -> Tensor | None:
        """The assignment of the videos to clusters [N, C], rows sum to 1, as of now; None with weak supervision.

        That of g_v is soft, others are zeros and ones.
        """
        if self._params.supervision == "weak":
            return None
        return self._level.assignments() if self._classic is None else self._classic_assignment

    def labels(self) -> Tensor:
        """The labels as of now: multi-hot [N, K]."""
        assignment = self.assignment()
        if assignment is None:
            assert self._truth is not None
            return self._truth
        if self._truth is None:
            return one_hot(assignment)
        return mapped_labels(assignment, self._truth, self._params.mapped_fraction)

    @cached_property
    def _classic_assignment(self) -> Tensor:
        # scikit-learn is slow to import and not needed otherwise.
        from hcutal.cluster.baselines import cluster_baseline

        params, clusters = self._params, self._level.network.shape.clusters
        assert self._classic is not None
        method, how = self._classic
        pooled = self._features.pooled() if params.normalise else self._features.means()
        found = cluster_baseline(pooled, min(clusters, len(pooled)), method, params.seed, how.scaling)
        column = torch.from_numpy(found).to(self._features.device)
        return torch.nn.functional.one_hot(column, clusters).float()


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
