"""Snippets of recordings that become a vector a frame: posture and motion in a window around each."""

import logging
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from hcutal.extract.extractor import About, RawSignals
from hcutal.extract.vector_gaps import Array, VectorFrames
from hcutal.params.extractors import WindowFeatures

log = logging.getLogger(__name__)
Parameters = TypeVar("Parameters", bound=WindowFeatures)


class FrameExtractor(ABC, Generic[Parameters]):
    """What is alike in all extractors of frames [n, D]; each says how a recording is read."""

    neutral: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, params: Parameters) -> None:
        """Nothing is loaded."""
        self._params = params
        self._last: tuple[Any, VectorFrames] | None = None

    @abstractmethod
    def read(self, path: Path) -> VectorFrames:
        """The frames of a recording at `fps`, without gaps; `HcutalError` says what is wrong with it."""

    def about(self) -> About:
        """Snippets in frames at `fps`."""
        params = self._params
        return About(params.fps, params.snippet_frames, params.stride)

    def step(self) -> float:
        """Seconds from one snippet to the next."""
        return self.about().times.step

    def probe(self, path: Path) -> float:
        """Seconds of a recording."""
        return len(self._kept(path).frames) / self._params.fps

    def read_as(self, path: Path) -> tuple[str, str]:
        """How a recording was read, and what was left out of it, in words; the second may be empty."""
        found = self._kept(path)
        return found.said, found.note

    def extract(self, path: Path) -> dict[str, npt.NDArray[np.float32]]:
        """Streams `posture` [T, D] and `motion` [T, 2 D], see `describe`."""
        found = self._kept(path)
        if found.note:
            log.warning("%s: %s", path, found.note)
        return describe(found.frames, self._params)

    def signals(self, path: Path) -> RawSignals:
        """The numbers of a recording, as features are made of them."""
        found = self._kept(path)
        return RawSignals(found.names, found.frames, self._params.fps)

    def _kept(self, path: Path) -> VectorFrames:
        """The recording; read once where several things are asked of it one after another."""
        about = path.stat() if path.exists() else None
        key = (path, about and (about.st_mtime_ns, about.st_size))
        if self._last is None or self._last[0] != key:
            self._last = (key, self.read(path))
        return self._last[1]


def describe(frames: Array, params: WindowFeatures) -> dict[str, npt.NDArray[np.float32]]:
    """Features of the snippets of frames [n, D]; a window is centred on its snippet, reflected at both ends.

    posture [T, D]: the mean. motion [T, 2 D]: the standard deviation, and the mean absolute speed in units a
    second. T = floor((n - snippet_frames) / stride) + 1; a shorter recording has one snippet.
    """
    size = max(params.window_frames, params.snippet_frames)
    count = max((len(frames) - params.snippet_frames) // params.stride, 0) + 1
    before = (size - params.snippet_frames) // 2
    padded = np.pad(frames, ((before, size), (0, 0)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=0)
    windows = windows[np.arange(count) * params.stride]
    speed = np.abs(np.diff(windows, axis=2)).mean(axis=2) * params.fps
    motion = np.concatenate([windows.std(axis=2), speed], axis=1)
    return {"posture": windows.mean(axis=2).astype(np.float32), "motion": motion.astype(np.float32)}
