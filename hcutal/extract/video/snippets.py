"""Snippets of a video in one pass over its frames: what is held is one snippet and a frame more."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from hcutal.extract.video.flow import Field, FlowField, Grey
from hcutal.extract.video.picture import Image, centre_crop

Snippet = dict[str, npt.NDArray[np.generic]]
T = TypeVar("T")


@dataclass
class _Frame:
    """A frame's crop for the RGB stream, the whole of it in grey for the flow, and its flow once it is known."""

    rgb: Image
    grey: Grey
    flow: Field | None = None


def snippets(
    images: Iterable[Image],
    size: int,
    stride: int,
    crop: int,
    flow: FlowField | None = None,
    fill: bool = True,
) -> Iterator[Snippet]:
    """Snippet t is made of the frames t * stride to t * stride + size - 1; see `windows` for the end of the video.

    Yields `rgb`, uint8 [size, crop, crop, 3], and with `flow` also `flow`, float32 [size, crop, crop, 2]. The flow of
    a frame leads to the next one; that of the last frame of the video repeats the one before, and is zero
    where there is none.
    """
    for window in windows(_prepared(images, crop), size, stride, fill):
        snippet: Snippet = {"rgb": np.stack([frame.rgb for frame in window[:size]])}
        if flow is not None:
            snippet["flow"] = np.stack(_flows(window, size, flow))
        yield snippet


def windows(items: Iterable[T], size: int, stride: int, fill: bool = True) -> Iterator[list[T]]:
    """Windows of `size` items, each `stride` after the one before, and with each the item after it if there is one.

    What is left at the end and fills no window is dropped. Fewer than `size` items in all make one window,
    filled by repeating the last; none without `fill`, which is for the rest of a video from a later window on.
    """
    held: deque[T] = deque()
    start, any_yet = 0, False
    for index, item in enumerate(items):
        if index < start:
            continue
        held.append(item)
        if len(held) > size:
            yield list(held)
            any_yet = True
            start += stride
            for _ in range(min(stride, len(held))):
                held.popleft()
    if len(held) == size:
        yield list(held)
    elif held and fill and not any_yet:
        yield [*held, *[held[-1]] * (size - len(held))]


def _prepared(images: Iterable[Image], crop: int) -> Iterator[_Frame]:
    """What each frame contributes; a repeated frame is converted once, and is the same picture to the flow."""
    last: Image | None = None
    for image in images:
        if image is not last:
            # A copy, so that the margins are let go.
            rgb, grey = centre_crop(image, crop).copy(), _grey(image)
            last = image
        yield _Frame(rgb, grey)


def _grey(image: Image) -> Grey:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _flows(window: Sequence[_Frame], size: int, flow: FlowField) -> list[Field]:
    """The flow of the first `size` frames; it is kept with the frame for the windows that overlap."""
    pairs = [(a, b) for a, b in pairwise(window) if a.flow is None]
    for (frame, _), field in zip(pairs, flow.between([(a.grey, b.grey) for a, b in pairs]), strict=True):
        frame.flow = field
    fields = [frame.flow for frame in window[:size] if frame.flow is not None]
    # The last frame of the video leads nowhere.
    return fields if len(fields) == size else [*fields, fields[-1]]
