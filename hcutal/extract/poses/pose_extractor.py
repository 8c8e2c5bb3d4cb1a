"""Snippets of poses: posture and motion in a window around each."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from hcutal.errors import HcutalError
from hcutal.extract.frame_extractor import FrameExtractor
from hcutal.extract.poses.people import OPENPOSE_END
from hcutal.extract.poses.pose_files import HDF5, read_poses
from hcutal.extract.poses.pose_frames import chosen_poses, pose_frames, seen_parts
from hcutal.extract.vector_columns import most_common
from hcutal.extract.vector_gaps import VectorFrames
from hcutal.params.extractors import PoseFeatures


class PoseExtractor(FrameExtractor[PoseFeatures]):
    """Features of poses as DeepLabCut, SLEAP, OpenPose, MMPose and MediaPipe find them.

    Which parts all recordings are to have is told by most of them. Streams as of `FrameExtractor`.
    """

    Params: ClassVar = PoseFeatures
    suffixes: ClassVar = frozenset({".csv", ".json", *HDF5})

    @staticmethod
    def sequences(params: PoseFeatures) -> list[str]:
        """Endings of files of which a folder is a recording."""
        return [OPENPOSE_END]

    @staticmethod
    def settle(params: PoseFeatures, paths: Iterable[Path]) -> dict[str, Any]:
        """The parts that all recordings are to have: those that are seen in most of them."""
        return {"matched": most_common(_seen_in(path, params) for path in paths)}

    def read(self, path: Path) -> VectorFrames:
        """Its frames up to the last one with a pose."""
        poses = chosen_poses(path, read_poses(path), self._params)
        return pose_frames(path, poses, self._params)


def _seen_in(path: Path, params: PoseFeatures) -> list[str]:
    """The parts that are seen in a recording; none where it cannot be read, which extraction tells."""
    try:
        return seen_parts(chosen_poses(path, read_poses(path), params), params)
    except HcutalError:
        return []
