"""The training features: as many as fit into a bounded memory are kept there, the others are read when sampled."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple

import numpy as np
import orjson
import torch
from torch import Tensor

from hcutal.data.pieces import Piece, whole
from hcutal.data.sampling import Rows, random_perturbed
from hcutal.data.store import FeatureStore

# Bytes of features that are kept in memory, in the type of their files.
KEPT = 2**29
# Bytes of sampled snippets that are kept in memory, where all of them fit.
HELD = 2**28
# Snippets that are computed on at once where there are many.
PART = 2**14

Change = Callable[[Tensor], object]
Draw = Callable[[np.ndarray, int, np.random.Generator], Rows]


class TrainingFeatures:
    """The snippets of the training videos, which are read in float32 whatever their files hold.

    What training looks at as one is a piece: a whole recording, or a part of one. Pieces are drawn alike, so that it
    does not matter which recordings are kept: they are the first.

    Args:
        store: the features.
        videos: names of the training recordings.
        device: where features are kept and samples are made.
        kept: most bytes of features in memory; None for `KEPT`, on CUDA half of what is free there.
        pieces: the N pieces, of these recordings; None for each recording as a whole. Index i in the methods is
            `pieces[i]`.

    Attributes:
        recordings: [N], the index in `videos` of each piece's recording.
        lengths: [N], the number of snippets of each piece.

    Raises:
        HcutalError: when an array does not fit the sidecar of the store, or a value is not finite.
    """

    def __init__(
        self,
        store: FeatureStore,
        videos: list[str],
        device: torch.device,
        kept: int | None = None,
        pieces: Sequence[Piece] | None = None,
    ) -> None:
        self.videos = videos
        self.pieces = (
            whole(videos, [store.length(video) for video in videos]) if pieces is None else list(pieces)
        )
        self.lengths = np.array([piece.length for piece in self.pieces])
        self.dimensions = store.size
        self.device = device
        self._store = store
        numbers = {video: number for number, video in enumerate(videos)}
        self.recordings = np.array([numbers[piece.video] for piece in self.pieces])
        self._first = np.array([piece.first for piece in self.pieces])
        self._kept: list[list[Tensor]] = []
        moments, free = _Moments(store.size), _room(device) if kept is None else kept
        for number, video in enumerate(videos):
            moments.add(store.read(video))
            parts = store.parts(video)
            free -= sum(part.nbytes for part in parts)
            if free >= 0 and number == len(self._kept):
                self._kept.append([torch.tensor(part, device=device) for part in parts])
        self._scale = moments.scale()

    @property
    def is_cut(self) -> bool:
        """Whether recordings are looked at in several pieces."""
        return len(self.pieces) > len(self.videos)

    def scale(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation over all training snippets, [D] each; 1 for constant dimensions."""
        mean, deviation = (torch.from_numpy(part).float().to(self.device) for part in self._scale)
        return mean, torch.where(deviation > 1e-8, deviation, torch.ones_like(deviation))

    def means(self) -> np.ndarray:
        """The mean over the snippets of each piece, [N, D]."""
        found = []
        for number, video in enumerate(self.videos):
            values = self._store.read(video)
            found += [
                values[piece.first : piece.last].mean(axis=0)
                for piece in (self.pieces[index] for index in np.flatnonzero(self.recordings == number))
            ]
        order = np.argsort(self.recordings, kind="stable")
        return np.stack(found)[np.argsort(order, kind="stable")]

    def pooled(self) -> np.ndarray:
        """The mean over the standardised snippets of each piece, [N, D]."""
        mean, deviation = (part.cpu().numpy() for part in self.scale())
        pooled: np.ndarray = (self.means() - mean) / deviation
        return pooled

    def digest(self) -> str:
        """BLAKE2b of the names, lengths and values, in hexadecimal digits."""
        digest = hashlib.blake2b(digest_size=16)
        digest.update(orjson.dumps([self.videos, [astuple(piece) for piece in self.pieces], self.dimensions]))
        for video in self.videos:
            digest.update(self._store.read(video).reshape(-1).view(np.uint8).data)
        return digest.hexdigest()

    def sample(
        self,
        index: np.ndarray,
        snippets: int,
        generator: np.random.Generator,
        change: Change = lambda values: None,
        draw: Draw = random_perturbed,
    ) -> Tensor:
        """`snippets` of each of the pieces `index` [B]: [B, T, D]; `change` as in `take`, `draw` says which ones."""
        return self.take(index, draw(self.lengths[index], snippets, generator), change)

    def take(self, index: np.ndarray, rows: Rows, change: Change = lambda values: None) -> Tensor:
        """The snippets `rows` [B, T] of the pieces `index` [B]: [B, T, D].

        `change` works on the values of one piece [T, D] in their place, while they are near the processor.
        """
        taken = torch.empty(*rows.shape, self.dimensions, device=self.device)
        rows = rows + self._first[index][:, None]
        places = torch.from_numpy(rows).to(self.device)
        for video, own, place, values in zip(self.recordings[index], rows, places, taken, strict=True):
            self._copy(int(video), own, place, values)
            change(values)
        return taken

    def sample_all(
        self,
        snippets: int,
        generator: np.random.Generator,
        change: Change = lambda values: None,
    ) -> "SampledSnippets":
        """`snippets` randomly perturbed ones of every piece: [N, T, D]; `change` as in `take`."""
        rows = random_perturbed(self.lengths, snippets, generator)
        return SampledSnippets(lambda index, own: self.take(index, own, change), rows, self.dimensions)

    def _copy(self, video: int, rows: Rows, place: Tensor, into: Tensor) -> None:
        """Copy rows [T] of a video into [T, D], stream by stream; `place` has the same rows on the device."""
        first = 0
        if video < len(self._kept):
            parts = [part.index_select(0, place) for part in self._kept[video]]
        else:
            parts = [torch.from_numpy(part[rows]) for part in self._store.parts(self.videos[video])]
        for part in parts:
            into[:, first : first + part.shape[1]].copy_(part)
            first += part.shape[1]


def _room(device: torch.device) -> int:
    """Bytes that features may take on a device."""
    return torch.cuda.mem_get_info(device)[0] // 2 if device.type == "cuda" else KEPT


class _Moments:
    """Mean and standard deviation of snippets that come some at a time, put together as Chan et al. (1983) do."""

    def __init__(self, dimensions: int) -> None:
        self._count = 0
        self._mean = np.zeros(dimensions)
        self._squares = np.zeros(dimensions)

    def add(self, values: np.ndarray) -> None:
        """Take in snippets [T, D]."""
        variance, mean = (
            part.double().numpy() for part in torch.var_mean(torch.from_numpy(values), dim=0, correction=0)
        )
        total = self._count + len(values)
        away = mean - self._mean
        self._squares += len(values) * (variance + away**2 * self._count / total)
        self._mean += away * len(values) / total
        self._count = total

    def scale(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation, [D] each, of all snippets so far."""
        return self._mean, np.sqrt(self._squares / self._count)


class SampledSnippets:
    """Snippets of all training videos, [N, T, D], of which only those that are looked at are in memory.

    Where all of them are few, they are kept.

    Args:
        take: gives the snippets [B, T'] of the videos [B]: [B, T', D].
        rows: [N, T], the snippets of each video.
        dimensions: D.

    >>> values = torch.tensor([[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]])
    >>> snippets = SampledSnippets.of(values)
    >>> snippets.chosen(torch.tensor([[0], [2]]))[torch.tensor([1, 0])].tolist()
    [[[6.0]], [[1.0]]]
    """

    def __init__(self, take: Callable[[np.ndarray, Rows], Tensor], rows: Rows, dimensions: int) -> None:
        self._take = take
        self._rows = rows
        self._dimensions = dimensions
        size = rows.size * dimensions * torch.float32.itemsize
        self._values = take(np.arange(len(rows)), rows) if size <= HELD else None

    @classmethod
    def of(cls, values: Tensor) -> "SampledSnippets":
        """Of snippets [N, T, D] that are in memory anyway."""
        rows = np.tile(np.arange(values.shape[1]), (len(values), 1))
        return cls(
            lambda index, own: values[torch.from_numpy(index)[:, None], torch.from_numpy(own)],
            rows,
            values.shape[2],
        )

    def __len__(self) -> int:
        """N."""
        return len(self._rows)

    @property
    def snippets(self) -> int:
        """T."""
        return int(self._rows.shape[1])

    def __getitem__(self, index: Tensor) -> Tensor:
        """The snippets of the videos `index` [B]: [B, T, D]."""
        if self._values is not None:
            return self._values[index]
        videos = index.cpu().numpy()
        return self._take(videos, self._rows[videos])

    def parts(self) -> Iterator[Tensor]:
        """All snippets, some videos at a time: [B, T, D] each."""
        videos = max(1, PART // self.snippets)
        for index in torch.arange(len(self)).split(videos):
            yield self[index]

    def chosen(self, index: Tensor) -> "SampledSnippets":
        """Of each video the snippets `index` [N, M]: [N, M, D]."""
        rows = np.take_along_axis(self._rows, index.cpu().numpy(), axis=1)
        return SampledSnippets(self._take, rows, self._dimensions)
