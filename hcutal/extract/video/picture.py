"""A decoded frame as an RGB image of the size that is asked for, the way up in which a player shows it."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

Scalar = TypeVar("Scalar", bound=np.generic)
Image = npt.NDArray[np.uint8]
# Bilinear as in I3D's own preprocessing, and the same bytes on every processor.
SCALING = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


@dataclass(frozen=True)
class Orientation:
    """How a stored picture is turned to be shown: first its sides change places, then it is mirrored."""

    swap: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    def apply(self, image: Image) -> Image:
        """The image [H, W, 3] as it is shown."""
        if self == Orientation():
            return image
        turned = image.swapaxes(0, 1) if self.swap else image
        return np.ascontiguousarray(turned[:: -1 if self.mirror_y else 1, :: -1 if self.mirror_x else 1])


def orientation_of(frame: VideoFrame) -> Orientation:
    """What the display matrix says; angles between the quarters count as the nearest one."""
    matrix: Any = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return Orientation()
    # A point (x, y) is shown at (a x + c y, b x + d y); the rest moves it.
    a, b, _, c, d = np.frombuffer(matrix, dtype=np.int32)[:5].tolist()
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(swap=True, mirror_x=c < 0, mirror_y=b < 0)
    return Orientation(mirror_x=a < 0, mirror_y=d < 0)


class Converter:
    """Makes images of the frames of one video; the first frame says which way up it is."""

    def __init__(self, shorter: int) -> None:
        """`shorter`: pixels of the shorter side of an image."""
        self._shorter = shorter
        self._reformatter = VideoReformatter()
        self._orientation: Orientation | None = None

    def convert(self, frame: VideoFrame) -> Image:
        """The frame as uint8 [H, W, 3], its proportions kept.

        libswscale converts any pixel format (10 bits, alpha, other subsampling) and resizes in one step.
        """
        # PyAV's side data and their frame hold on to each other: with them, each frame would wait for the garbage
        # collector.
        self._orientation = self._orientation or orientation_of(frame)
        scale = self._shorter / min(frame.width, frame.height)
        resized = self._reformatter.reformat(
            frame,
            width=round(frame.width * scale),
            height=round(frame.height * scale),
            format="rgb24",
            interpolation=SCALING,
            threads=1,
        )
        return self._orientation.apply(np.asarray(resized.to_ndarray(), dtype=np.uint8))


def centre_crop(image: npt.NDArray[Scalar], size: int) -> npt.NDArray[Scalar]:
    """The middle [size, size, ...] of [H, W, ...]; where the margin is odd, the smaller half comes first."""
    top, left = ((side - size) // 2 for side in image.shape[:2])
    return image[top : top + size, left : left + size]
