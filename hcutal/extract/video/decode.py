"""Frames of a video at a constant rate and size: one pass, and never more in memory than a few frames."""

import logging
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from hcutal.errors import HcutalError
from hcutal.extract.video.clock import Clock, Shown, resample
from hcutal.extract.video.container import lead, nominal_interval, open_video, stated_seconds
from hcutal.extract.video.numbered_pictures import is_of_pictures, pictures_shown
from hcutal.extract.video.picture import Converter, Image

log = logging.getLogger(__name__)
# AVFMT_TS_DISCONT of libavformat: the count of time may begin anew in the midst of a file.
RESTARTS = 0x0200


@dataclass
class Tally:
    """What was read of a video: packets, those damaged, and where the last frame ends, in s from the start."""

    packets: int = 0
    damaged: int = 0
    end: float = 0.0


def frames(
    path: Path,
    fps: float,
    shorter: int,
    max_lost: float,
    threads: int = 1,
    first: int = 0,
    picture_rate: float | None = None,
) -> Generator[Image]:
    """Frames uint8 [H, W, 3] (RGB, upright) at `fps`, resized so that the shorter side has `shorter` pixels.

    Frame k is what a player shows k / fps s after the start of the file (see `resample`), so variable frame rates are
    right, and pictures that begin after the sound stand in their place: before them it is the first one. A repeated
    frame is the same object. What cannot be decoded is left out, the frame before it stays, and a warning says how much
    that is. The frames before `first` are decoded, and left out. picture_rate: of a folder of numbered pictures.

    Raises:
        HcutalError: when the file is no video, has no frame that can be decoded, or more than the share `max_lost`
            of its packets or of its stated duration is lost.
    """
    tally = Tally()
    if is_of_pictures(path):
        yield from _images(path, _pictures(path, picture_rate, tally), fps, shorter, first)
        _check(path, tally, None, max_lost)
        return
    with open_video(path) as (container, stream):
        stream.codec_context.thread_count = threads
        stream.codec_context.thread_type = "AUTO"
        yield from _images(path, _shown(container, stream, tally), fps, shorter, first)
        _check(path, tally, stated_seconds(container, stream), max_lost)


def _images(
    path: Path, shown: Iterable[Shown[VideoFrame]], fps: float, shorter: int, first: int
) -> Iterator[Image]:
    converter = Converter(shorter)
    converted: VideoFrame | None = None
    try:
        for index, frame in enumerate(resample(shown, fps)):
            # The very first one says which way up all of them are.
            if 0 < index < first:
                continue
            if frame is not converted:
                image, converted = converter.convert(frame), frame
            if index >= first:
                yield image
    except av.FFmpegError as error:
        raise HcutalError(f"{path}: frames cannot be converted to RGB ({error.strerror})") from error


def _pictures(path: Path, rate: float | None, tally: Tally) -> Iterator[Shown[VideoFrame]]:
    """Pictures with their times; `tally` counts them as packets."""
    for shown in pictures_shown(path, rate):
        tally.packets += 1
        if shown.frame is None:
            tally.damaged += 1
        else:
            tally.end = shown.time + shown.duration
            yield Shown(shown.frame, shown.time, shown.duration)


def _shown(container: InputContainer, stream: VideoStream, tally: Tally) -> Iterator[Shown[VideoFrame]]:
    """Decoded frames with their times; `tally` is kept up to date."""
    tick = float(stream.time_base or 0)
    clock = Clock(tick, nominal_interval(stream), bool(container.format.flags & RESTARTS))
    offset, late = None, 0.0
    for frame in _decoded(container, stream, tally):
        time = clock.time(frame.pts, frame.dts)
        if time is None:
            continue
        if offset is None:
            offset = ((frame.pts or 0) - (stream.start_time or 0)) * tick
            late = lead(container, stream, frame.pts)
        shown = Shown(frame, late + time, frame.duration * tick)
        tally.end = offset + time + (shown.duration or nominal_interval(stream))
        yield shown


def _decoded(container: InputContainer, stream: VideoStream, tally: Tally) -> Iterator[VideoFrame]:
    for packet in _packets(container, stream, tally):
        try:
            for frame in stream.decode(packet):
                tally.damaged += frame.is_corrupt
                yield frame
        except av.FFmpegError:
            tally.damaged += 1


def _packets(
    container: InputContainer, stream: VideoStream, tally: Tally
) -> Iterator["Packet[VideoStream] | None"]:
    """The packets of the stream; then None, upon which the decoder gives what it still holds."""
    try:
        for packet in container.demux(stream):
            # The empty packets at the end mean what None means.
            if packet.size:
                tally.packets += 1
                yield packet
    except av.FFmpegError:
        # As in ffmpeg's own tool, the file ends where it cannot be read on.
        tally.damaged += 1
    yield None


def _check(path: Path, tally: Tally, stated: float | None, max_lost: float) -> None:
    """Refuse a video of which too much is lost, or none was there; warn of a smaller loss."""
    damage = f"{tally.damaged} of {tally.packets} packets are damaged"
    if tally.end == 0:
        raise HcutalError(f"{path}: no frame can be decoded ({damage}); expected at least one")
    missing = 0.0 if stated is None else 1 - tally.end / stated
    if stated is not None and missing > 0:
        damage += f", {tally.end:.2f} s of {stated:.2f} s can be decoded"
    lost = max(missing, tally.damaged / tally.packets)
    if lost > max_lost:
        raise HcutalError(f"{path}: {damage}; expected a loss of at most {max_lost:.0%} (max_lost)")
    if tally.damaged:
        log.warning("%s: %s; the frame before a damaged one is held in its place", path, damage)
