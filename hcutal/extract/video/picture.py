"""One decoded frame as an RGB image of the size that is asked for, the way up in which a player shows it."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

Scalar = TypeVar("Scalar", bound=np.generic)
Image = npt.NDArray[np.uint8]
# Bilinear as in I3D's own preprocessing, and the same bytes on every processor.
SCALING = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


def upright_rgb(frame: VideoFrame, shorter: int, reformatter: VideoReformatter) -> Image:
    """The frame as uint8 [H, W, 3], its shorter side `shorter` pixels, its proportions kept.

    libswscale converts any pixel format (10 bits, alpha, other subsampling) and resizes in one step.
    """
    scale = shorter / min(frame.width, frame.height)
    resized = reformatter.reformat(
        frame,
        width=round(frame.width * scale),
        height=round(frame.height * scale),
        format="rgb24",
        interpolation=SCALING,
        threads=1,
    )
    return _upright(np.asarray(resized.to_ndarray(), dtype=np.uint8), frame)


def centre_crop(image: npt.NDArray[Scalar], size: int) -> npt.NDArray[Scalar]:
    """The middle [size, size, ...] of [H, W, ...]; where the margin is odd, the smaller half comes first."""
    top, left = ((side - size) // 2 for side in image.shape[:2])
    return image[top : top + size, left : left + size]


def _upright(image: Image, frame: VideoFrame) -> Image:
    """Turned and mirrored as the display matrix says; angles between the quarters count as the nearest one."""
    matrix: Any = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return image
    # A point (x, y) is shown at (a x + c y, b x + d y); the rest moves it.
    a, b, _, c, d = np.frombuffer(matrix, dtype=np.int32)[:5].astype(np.int64)
    if abs(b) + abs(c) > abs(a) + abs(d):
        image, a, d = image.swapaxes(0, 1), c, b
    return np.ascontiguousarray(image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])
