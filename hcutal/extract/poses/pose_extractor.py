"""Snippets of poses: posture and motion in a window around each."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from hcutal.errors import HcutalError
from hcutal.extract.extractor import About, RawSignals
from hcutal.extract.poses.people import OPENPOSE_END
from hcutal.extract.poses.pose_files import HDF5, read_poses
from hcutal.extract.poses.pose_frames import chosen_poses, pose_frames, seen_parts
from hcutal.extract.vector_columns import most_common
from hcutal.extract.vector_gaps import VectorFrames
from hcutal.extract.vectors import describe
from hcutal.params.extractors import PoseFeatures

log = logging.getLogger(__name__)


class PoseExtractor:
    """Features of poses as DeepLabCut, SLEAP, OpenPose, MMPose and MediaPipe find them.

    Which parts all recordings are to have is told by most of them. Streams as of `VectorExtractor`.
    """

    Params: ClassVar = PoseFeatures
    suffixes: ClassVar = frozenset({".csv", ".json", *HDF5})
    neutral: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, params: PoseFeatures) -> None:
        """Nothing is loaded."""
        self._params = params
        self._last: tuple[Any, VectorFrames] | None = None

    @staticmethod
    def sequences(params: PoseFeatures) -> list[str]:
        """Endings of files of which a folder is a recording."""
        return [OPENPOSE_END]

    @staticmethod
    def settle(params: PoseFeatures, paths: Iterable[Path]) -> dict[str, Any]:
        """The parts that all recordings are to have: those that are seen in most of them."""
        return {"matched": most_common(_seen_in(path, params) for path in paths)}

    def about(self) -> About:
        """Snippets in frames at `fps`."""
        params = self._params
        return About(params.fps, params.snippet_frames, params.stride)

    def step(self) -> float:
        """Seconds from one snippet to the next."""
        return self.about().times.step

    def probe(self, path: Path) -> float:
        """Seconds of a recording, up to its last frame with a pose."""
        return len(self._read(path).frames) / self._params.fps

    def read_as(self, path: Path) -> tuple[str, str]:
        """How a recording was read, and what was left out of it, in words; the second may be empty."""
        found = self._read(path)
        return found.said, found.note

    def extract(self, path: Path) -> dict[str, npt.NDArray[np.float32]]:
        """Streams `posture` [T, D] and `motion` [T, 2 D], see `vectors.describe`."""
        found = self._read(path)
        if found.note:
            log.warning("%s: %s", path, found.note)
        return describe(found.frames, self._params)

    def signals(self, path: Path) -> RawSignals:
        """The numbers of a recording, as features are made of them."""
        found = self._read(path)
        return RawSignals(found.names, found.frames, self._params.fps)

    def _read(self, path: Path) -> VectorFrames:
        """The recording; read once where several things are asked of it one after another."""
        about = path.stat() if path.exists() else None
        key = (path, about and (about.st_mtime_ns, about.st_size))
        if self._last is None or self._last[0] != key:
            poses = chosen_poses(path, read_poses(path), self._params)
            self._last = (key, pose_frames(path, poses, self._params))
        return self._last[1]


def _seen_in(path: Path, params: PoseFeatures) -> list[str]:
    """The parts that are seen in a recording; none where it cannot be read, which extraction tells."""
    try:
        return seen_parts(chosen_poses(path, read_poses(path), params), params)
    except HcutalError:
        return []
