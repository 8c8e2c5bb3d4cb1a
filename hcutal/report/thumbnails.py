"""Film strips: a segment of a video at a glance, as one small JPEG."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from hcutal.errors import HcutalError
from hcutal.extract.video.container import lead, open_video
from hcutal.extract.video.picture import Converter, Image

# Three frames of 4:3, or five of 4:5 where the video stands upright: both fill the same strip.
WIDTH, HEIGHT = 480, 120
ACROSS, UPRIGHT = 3, 5
GAP, BETWEEN = 2, 24
QUALITY = 65
# Seconds that are decoded rather than skipped: videos of the web have a key frame every few seconds.
AHEAD = 5.0
# Seconds by which a jump goes back where it landed too late, as it may in transport streams.
BACK = (0.0, 5.0, 60.0)


@dataclass(frozen=True)
class Strip:
    """Frames of a segment side by side: JPEG of `WIDTH` by `HEIGHT` pixels."""

    jpeg: bytes

    @property
    def uri(self) -> str:
        """The JPEG as a data URI."""
        return "data:image/jpeg;base64," + base64.b64encode(self.jpeg).decode("ascii")


def film_strips(path: Path, spans: Sequence[tuple[float, float]]) -> list[Strip]:
    """A strip for each span (start, end in seconds) of a video, in the same order.

    Of a span cut into equal parts the frames in the middle of the parts are shown; beyond the end of the video it
    is the last frame. The same file gives the same bytes.

    Raises:
        HcutalError: when the file is missing or no video, or has no frame that can be decoded.
    """
    strips: dict[int, Strip] = {}
    with open_video(path) as (container, stream):
        reader, count = _Reader(path, container, stream), 0
        # In the order of time most frames are found by decoding on.
        for index in sorted(range(len(spans)), key=lambda index: spans[index]):
            count = count or _frames_across(reader.picture_at(spans[index][0]))
            strips[index] = _strip([reader.picture_at(time) for time in _middles(spans[index], count)])
    return [strips[index] for index in range(len(spans))]


def _frames_across(picture: Image) -> int:
    return ACROSS if picture.shape[1] >= picture.shape[0] else UPRIGHT


def _middles(span: tuple[float, float], count: int) -> list[float]:
    start, end = span
    return [start + (end - start) * (part + 0.5) / count for part in range(count)]


def _strip(pictures: Sequence[Image]) -> Strip:
    tiles = [_tile(picture, WIDTH // len(pictures), HEIGHT) for picture in pictures]
    for tile in tiles[1:]:
        tile[:, :GAP] = BETWEEN
    # OpenCV writes blue first.
    bgr = np.ascontiguousarray(np.concatenate(tiles, axis=1)[:, :, ::-1])
    _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    return Strip(jpeg.tobytes())


def _tile(picture: Image, width: int, height: int) -> Image:
    """The middle of a picture [H, W, 3] in the proportions of the tile, resized to [height, width, 3]."""
    tall, wide = picture.shape[:2]
    scale = min(tall / height, wide / width)
    high, broad = round(height * scale), round(width * scale)
    top, left = (tall - high) // 2, (wide - broad) // 2
    crop = np.ascontiguousarray(picture[top : top + high, left : left + broad])
    return np.asarray(cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


class _Reader:
    """Finds frames by time: jumps to the key frame before it where that is quicker than decoding on."""

    def __init__(self, path: Path, container: InputContainer, stream: VideoStream) -> None:
        if not stream.time_base:
            raise HcutalError(f"{path}: its video stream has no time base; expected frames with timestamps")
        self._path, self._container, self._stream = path, container, stream
        self._tick, self._first = float(stream.time_base), stream.start_time or 0
        # The start of the file, where the pictures begin later than the sound.
        self._first -= round(lead(container, stream, stream.start_time) / self._tick)
        self._frames: Iterator[tuple[int, VideoFrame]] = iter(())
        self._held: tuple[int, VideoFrame] | None = None
        self._next: tuple[int, VideoFrame] | None = None
        self._converter = Converter(2 * HEIGHT)
        stream.codec_context.thread_type = "AUTO"

    def picture_at(self, time: float) -> Image:
        """What is shown `time` seconds after the start; the last frame from the end on."""
        ticks = self._first + round(time / self._tick)
        if self._held is None or not 0 <= (ticks - self._held[0]) * self._tick <= AHEAD:
            self._jump(ticks)
        if self._held is None:
            raise HcutalError(f"{self._path}: no frame can be decoded; expected at least one")
        while self._next is not None and self._next[0] <= ticks:
            self._held, self._next = self._next, next(self._frames, None)
        return self._converter.convert(self._held[1])

    def _jump(self, ticks: int) -> None:
        """Hold a frame from before `ticks`, or the first one."""
        targets = {max(ticks - round(back / self._tick), self._first): None for back in BACK}
        # Some formats find only key frames after the target.
        for target in (*targets, self._first - round(1 / self._tick)):
            try:
                self._container.seek(target, stream=self._stream)
            except av.FFmpegError as error:
                if self._held is None:
                    raise HcutalError(f"{self._path}: cannot be sought by time ({error.strerror})") from None
                return
            self._frames = self._decoded()
            self._held, self._next = next(self._frames, None), next(self._frames, None)
            if self._held is not None and self._held[0] <= ticks:
                return

    def _decoded(self) -> Iterator[tuple[int, VideoFrame]]:
        """Frames with their timestamps; what cannot be decoded is left out."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                # A container that cannot be read on ends here.
                packet = next(packets, None)
                if packet is None:
                    return
                for frame in self._stream.decode(packet):
                    stamp = frame.dts if frame.pts is None else frame.pts
                    if stamp is not None:
                        yield stamp, frame
            except av.FFmpegError:
                continue
