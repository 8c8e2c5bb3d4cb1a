"""All training features side by side, so that a batch is one indexing operation."""

import numpy as np
import torch
from torch import Tensor

from hcutal.data.sampling import random_perturbed
from hcutal.data.store import FeatureStore


class TrainingFeatures:
    """The snippets of the training videos, kept in memory one after the other.

    Args:
        store: where the features lie.
        videos: names of the N training videos; index i below is `videos[i]`.
        device: where batches are wanted.
    """

    def __init__(self, store: FeatureStore, videos: list[str], device: torch.device) -> None:
        arrays = [store.read(video) for video in videos]
        self.videos = videos
        self.lengths = np.array([len(array) for array in arrays])
        self._starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]])
        self._values = torch.from_numpy(np.concatenate(arrays)).to(device)

    @property
    def dimensions(self) -> int:
        """D, all streams together."""
        return self._values.shape[1]

    def scale(self) -> tuple[Tensor, Tensor]:
        """Mean and deviation [D] over all training snippets; constant dimensions get deviation 1."""
        deviation = self._values.std(dim=0, correction=0)
        return self._values.mean(dim=0), torch.where(deviation > 1e-8, deviation, torch.ones_like(deviation))

    def means(self) -> np.ndarray:
        """The mean over the snippets of each video, [N, D]."""
        parts = self._values.split(self.lengths.tolist())
        return torch.stack([part.mean(dim=0) for part in parts]).cpu().numpy()

    def sample(self, index: np.ndarray, snippets: int, generator: np.random.Generator) -> Tensor:
        """Randomly perturbed snippets [B, T, D] of the videos `index` [B]."""
        rows = random_perturbed(self.lengths[index], snippets, generator) + self._starts[index][:, None]
        return self._values[torch.from_numpy(rows).to(self._values.device)]
