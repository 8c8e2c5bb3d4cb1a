"""All training features in one tensor, from which a batch is a single indexing operation."""

import hashlib

import numpy as np
import orjson
import torch
from torch import Tensor

from hcutal.data.sampling import random_perturbed
from hcutal.data.store import FeatureStore


class TrainingFeatures:
    """The snippets of the training videos, one after the other in memory.

    Args:
        store: the features.
        videos: names of the N training videos; index i in the methods is `videos[i]`.
        device: where the tensor is kept.
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
        """Mean and standard deviation over all training snippets, [D] each; 1 for constant dimensions."""
        deviation = self._values.std(dim=0, correction=0)
        return self._values.mean(dim=0), torch.where(deviation > 1e-8, deviation, torch.ones_like(deviation))

    def means(self) -> np.ndarray:
        """The mean over the snippets of each video, [N, D]."""
        parts = self._values.split(self.lengths.tolist())
        return torch.stack([part.mean(dim=0) for part in parts]).cpu().numpy()

    def digest(self) -> str:
        """BLAKE2b of the names, lengths and values, in hexadecimal digits."""
        digest = hashlib.blake2b(digest_size=16)
        digest.update(orjson.dumps([self.videos, self.lengths.tolist(), list(self._values.shape)]))
        digest.update(self._values.cpu().numpy().reshape(-1).view(np.uint8).data)
        return digest.hexdigest()

    def sample(self, index: np.ndarray, snippets: int, generator: np.random.Generator) -> Tensor:
        """`snippets` randomly perturbed snippets of each of the videos `index` [B]: [B, T, D]."""
        rows = random_perturbed(self.lengths[index], snippets, generator) + self._starts[index][:, None]
        # [snippets of all videos, D] at [B, T] to [B, T, D]
        return self._values[torch.from_numpy(rows).to(self._values.device)]
