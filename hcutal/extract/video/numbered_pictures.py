"""What is a film without a decoder of films: a folder of numbered pictures, and WebP that moves."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame

from hcutal.errors import HcutalError
from hcutal.extract.find import number_of, numbered_files
from hcutal.extract.moving_webp import SUFFIX, is_moving_webp, picture_seconds
from hcutal.extract.video.clock import Shown

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
# How many of a file are decoded at once.
AT_ONCE = 32


def is_of_pictures(path: Path) -> bool:
    """Whether a film is a folder of pictures, or WebP."""
    return path.is_dir() or path.suffix.lower() == SUFFIX


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


def pictures_shown(path: Path, rate: float | None) -> Iterator[Shown[VideoFrame | None]]:
    """The pictures of a folder, in which there are `rate` a second, or of WebP; None for one that cannot be decoded."""
    if not path.is_dir():
        yield from _webp_shown(path)
        return
    files, interval = picture_files(path, rate)
    for time, file in files:
        image = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
        frame = None if image is None else VideoFrame.from_ndarray(image.astype(np.uint8), format="rgb24")
        yield Shown(frame, time, interval)


def _webp_shown(path: Path) -> Iterator[Shown[VideoFrame | None]]:
    seconds, time = picture_seconds(path), 0.0
    for first in range(0, len(seconds), AT_ONCE):
        own = seconds[first : first + AT_ONCE]
        done, found = cv2.imreadanimation(str(path), first, len(own))
        images = list(found.frames) if done else []
        for index, shown in enumerate(own):
            image = None if index >= len(images) else images[index][:, :, 2::-1].astype(np.uint8, order="C")
            frame = None if image is None else VideoFrame.from_ndarray(image, format="rgb24")
            yield Shown(frame, time, shown)
            time += shown


def pictures_seconds(path: Path, rate: float | None) -> float:
    """How long a folder of pictures, or WebP, lasts, in s."""
    if not path.is_dir():
        if not is_moving_webp(path):
            raise HcutalError(f"{path}: is a still picture; expected a film")
        return sum(picture_seconds(path))
    files, interval = picture_files(path, rate)
    return files[-1][0] + interval
