"""A folder of numbered pictures as a film: one each 1 / rate s, by their numbers."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame

from hcutal.errors import HcutalError
from hcutal.extract.find import number_of, numbered_files
from hcutal.extract.video.clock import Shown

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")


def picture_files(folder: Path, rate: float | None) -> tuple[list[tuple[float, Path]], float]:
    """The pictures with their times in s, the first at 0, and how long a picture is shown.

    A number that is not there leaves the picture before it in its place. Raises `HcutalError` for a folder of others,
    or without a rate.
    """
    if rate is None:
        raise HcutalError(
            f"{folder}: no rate; expected how many pictures a second there are: -o picture_rate=25"
        )
    files = numbered_files(folder, PICTURES)
    if not files:
        raise HcutalError(
            f"{folder}: no pictures that differ in their number alone; expected {', '.join(PICTURES)}"
        )
    numbers = [number_of(path) for path in files]
    times = [(number - numbers[0]) / rate for number in numbers]
    return list(zip(times, files, strict=True)), 1 / rate


def pictures_shown(folder: Path, rate: float | None) -> Iterator[Shown[VideoFrame | None]]:
    """The pictures of a folder as frames; None for one that cannot be decoded."""
    files, interval = picture_files(folder, rate)
    for time, path in files:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        frame = None if image is None else VideoFrame.from_ndarray(image.astype(np.uint8), format="rgb24")
        yield Shown(frame, time, interval)


def pictures_seconds(folder: Path, rate: float | None) -> float:
    """How long a folder of pictures lasts, in s."""
    files, interval = picture_files(folder, rate)
    return files[-1][0] + interval
