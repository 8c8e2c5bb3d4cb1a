"""What extractors of films share: decoding ahead of the network, snippet by snippet, from any snippet on."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch

from hcutal.device import pick_device
from hcutal.extract.extractor import About, Array
from hcutal.extract.parts import Growing
from hcutal.extract.video.container import SUFFIXES, cut_short, probe
from hcutal.extract.video.decode import frames
from hcutal.extract.video.numbered_pictures import PICTURES
from hcutal.extract.video.picture import Image
from hcutal.params.extractors import FilmFeatures

# What a network is applied to: arrays of a snippet, by stream.
Pictures = Mapping[str, npt.NDArray[np.generic]]


class FilmExtractor(ABC):
    """An extractor of films; a subclass says what a snippet is and what a network makes of it.

    How many threads decode is torch's number of threads at the time.
    """

    Params: ClassVar[type[FilmFeatures]]
    suffixes: ClassVar = SUFFIXES
    neutral: ClassVar = frozenset({"batch", "device"})

    def __init__(self, params: Any) -> None:
        """`params` are checked."""
        self._params = params

    @staticmethod
    def sequences(params: FilmFeatures) -> list[str]:
        """Endings of numbered pictures of which a folder is a film, where their rate is said."""
        return [] if params.picture_rate is None else list(PICTURES)

    @abstractmethod
    def about(self) -> About:
        """What the sidecar says; `HcutalError` where there are no weights."""

    @abstractmethod
    def step(self) -> float:
        """Seconds from one snippet to the next."""

    @abstractmethod
    def load(self) -> object:
        """The networks, loaded; `HcutalError` where there are no weights."""

    @abstractmethod
    def snippets(self, path: Path, start: int) -> Generator[Pictures]:
        """The snippets of a film from `start` on."""

    @abstractmethod
    def apply(self, batch: list[Pictures]) -> dict[str, Array]:
        """Features [n, D] of each stream of n snippets."""

    def waiting(self) -> str:
        """What would be fetched first, in words; empty where nothing would be."""
        return ""

    def probe(self, path: Path) -> float:
        """Seconds that the film lasts, undecoded; `HcutalError` says why it cannot be used."""
        return probe(path, self._params.picture_rate)

    def cut_short(self, path: Path) -> str:
        """What the film lacks at its end, in words, see `container.cut_short`."""
        return cut_short(path)

    def extract(self, path: Path) -> dict[str, Array]:
        """Features float32 [T, D] of each stream; `HcutalError` where the film cannot be decoded, see `frames`."""
        # One block that grows: many small ones would lie among the network's large ones and keep these apart.
        found = Growing()
        for features in self.extract_from(path, 0):
            found.add(features)
        return found.rows()

    def extract_from(self, path: Path, start: int) -> Generator[dict[str, Array]]:
        """Features float32 [n, D] of each stream, a batch at a time from snippet `start` on, a multiple of `batch`.

        What comes before is decoded, since only that finds the same frames, but no network is applied to it.
        """
        self.load()
        with closing(ahead(self._batches(path, start))) as batches:
            for batch in batches:
                yield self.apply(batch)

    def _batches(self, path: Path, start: int) -> Iterator[list[Pictures]]:
        with closing(self.snippets(path, start)) as made:
            while batch := list(islice(made, self._params.batch)):
                yield batch

    def images(self, path: Path, fps: float, shorter: int, first: int) -> Generator[Image]:
        """The frames of a film from number `first` on, see `frames`."""
        params = self._params
        threads = torch.get_num_threads()
        return frames(path, fps, shorter, params.max_lost, threads, first, params.picture_rate)

    @cached_property
    def device(self) -> torch.device:
        """Where the networks compute."""
        return pick_device(self._params.device)


def ahead(items: Iterable[Any]) -> Generator[Any]:
    """The same items; while one is worked on, the next one is made in a thread."""
    rest = iter(items)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(next, rest, None)
        while (item := pending.result()) is not None:
            pending = pool.submit(next, rest, None)
            yield item
