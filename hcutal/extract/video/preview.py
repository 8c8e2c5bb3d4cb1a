"""A film as a small one that every browser plays: H.264, or VP8 where the encoder of H.264 is missing; no sound."""

from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.codec.codec import UnknownCodecError

from hcutal.errors import HcutalError
from hcutal.extract.video.container import open_video
from hcutal.extract.video.decode import frames
from hcutal.extract.video.numbered_pictures import is_of_pictures
from hcutal.extract.video.picture import Image
from hcutal.params.recordings import PreviewParams

# Seconds from a picture that is stored whole to the next: from one of them a jump begins.
WHOLE = 2.0
# What of a film cannot be decoded is no reason to show nothing of the rest.
MOST_LOST = 1.0
Encoder = tuple[Literal["libx264", "libvpx"], str, str]
H264: Encoder = ("libx264", ".mp4", "mp4")
VP8: Encoder = ("libvpx", ".webm", "webm")
# Neither versions nor moments in the file: the same film gives the same bytes on the same machine.
CONTAINER = {"fflags": "+bitexact", "movflags": "+faststart"}


def encoder() -> Encoder:
    """Name of the encoder, end of the file's name, container: what this build of FFmpeg has."""
    try:
        av.codec.Codec(H264[0], "w")
    except UnknownCodecError:
        return VP8
    return H264


def write_preview(path: Path, target: Path, params: PreviewParams, picture_rate: float | None = None) -> None:
    """Write a small copy of a film; its times are those of the film, as features have them.

    At most `params.kbit` bits a second, about 1 % more with the container. picture_rate: of a folder of pictures.

    Raises:
        HcutalError: when no frame of the film can be decoded.
    """
    name, _, form = encoder()
    rate = Fraction(params.fps).limit_denominator(1001)
    shorter = params.shorter if is_of_pictures(path) else min(params.shorter, _shorter(path))
    with closing(frames(path, float(rate), shorter, MOST_LOST, 1, 0, picture_rate)) as images:
        first = next(images, None)
        if first is None:
            raise HcutalError(f"{path}: no frame can be decoded; expected at least one")
        height, width = (max(side // 2 * 2, 2) for side in first.shape[:2])
        try:
            with av.open(str(target), "w", format=form, container_options=CONTAINER) as container:
                stream = container.add_stream(name, rate=rate, options=_options(name, params))
                stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
                # Frames in the order in which they are shown: times begin at 0 without an edit list.
                stream.codec_context.max_b_frames = 0
                stream.codec_context.thread_count = 1
                stream.codec_context.time_base = 1 / rate
                for number, image in enumerate(_after(first, images)):
                    picture = np.ascontiguousarray(image[:height, :width])
                    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                    frame.pts, frame.time_base = number, 1 / rate
                    container.mux(stream.encode(frame))
                container.mux(stream.encode(None))
        except av.FFmpegError as error:
            raise HcutalError(f"{path}: cannot be encoded ({error.strerror})") from error


def _after(first: Image, images: Iterator[Image]) -> Iterator[Image]:
    yield first
    yield from images


def _shorter(path: Path) -> int:
    with open_video(path) as (_, stream):
        return min(stream.codec_context.width, stream.codec_context.height) or 10_000


def _options(name: str, params: PreviewParams) -> dict[str, str]:
    bits, whole = f"{params.kbit}k", str(max(round(WHOLE * params.fps), 1))
    shared = {"maxrate": bits, "bufsize": f"{2 * params.kbit}k", "g": whole, "flags": "+bitexact"}
    if name == H264[0]:
        # Its look at which blocks are used later gives other bytes in one of a hundred calls.
        return {**shared, "preset": "veryfast", "crf": "30", "mbtree": "0"}
    return {**shared, "b": bits, "crf": "30", "deadline": "realtime", "cpu-used": "4"}
