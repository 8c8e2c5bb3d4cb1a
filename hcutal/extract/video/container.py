"""A video file opened: which stream is the video, and how long it lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from hcutal.errors import HcutalError
from hcutal.extract.video.numbered_pictures import is_of_pictures, pictures_seconds

_SUFFIXES = (
    ".3g2 .3gp .asf .avi .divx .f4v .flv .h264 .m2ts .m2v .m4v .mkv .mov .mp4 .mpeg .mpg .mts .mxf .ogv .ts .vob "
    ".webm .wmv .gif .apng .webp"
)
SUFFIXES = frozenset(_SUFFIXES.split())
# How far two statements of one rate may be from each other: containers round times to milliseconds.
CONSTANT = 1e-3
# Seconds, and the share of its length, that a whole film may end before the length that it states.
LEAST_CUT, CUT_SHARE = 1.0, 0.02
NO_VIDEO = "no video stream; expected a recording with pictures"


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The open container and its video stream; a cover picture of a sound file is none.

    Raises:
        HcutalError: when the file is missing, empty, no video, or of a codec that cannot be decoded.
    """
    try:
        if path.stat().st_size == 0:
            raise HcutalError(f"{path}: is empty; expected a video")
        # Tags in an unknown encoding are no reason to refuse a video.
        container = av.open(str(path.absolute()), metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise HcutalError(f"{path}: not a readable video ({error.strerror})") from None
    with container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream) or stream.disposition & Disposition.attached_pic:
            raise HcutalError(f"{path}: {NO_VIDEO}")
        if stream.codec_context is None:
            raise HcutalError(f"{path}: no decoder for the codec of its video stream")
        yield container, stream


def probe(path: Path, picture_rate: float | None = None) -> float:
    """Seconds from the start of the file to the end of its pictures: as it says, else from its packets, undecoded.

    picture_rate: of a folder of numbered pictures.

    Raises:
        HcutalError: when the file cannot be opened, or holds no packet of video.
    """
    if is_of_pictures(path):
        return pictures_seconds(path, picture_rate)
    with open_video(path) as (container, stream):
        stated = stated_seconds(container, stream)
        if stated is None:
            return _scan(path, container, stream)
        return stated + lead(container, stream, stream.start_time)


def cut_short(path: Path) -> str:
    """What a film lacks at its end, in words; empty where it lacks nothing. All of it is read, undecoded.

    A copy that broke off still states its whole length in some containers. `HcutalError` as of `probe`.
    """
    if is_of_pictures(path):
        return ""
    with open_video(path) as (container, stream):
        stated = stated_seconds(container, stream)
        if stated is None:
            return ""
        stated += lead(container, stream, stream.start_time)
        there = _scan(path, container, stream)
    is_short = stated - there > max(LEAST_CUT, CUT_SHARE * stated)
    return f"ends after {there:.4g} s, and states {stated:.4g} s" if is_short else ""


def lead(container: InputContainer, stream: VideoStream, stamp: int | None) -> float:
    """Seconds from the start of the file, as players count, to a timestamp of its first picture.

    Pictures may begin after the sound. Less than the time of a picture is none: so much containers differ by when they
    put streams together.
    """
    if stamp is None or container.start_time is None or not stream.time_base:
        return 0.0
    found = float(stamp * stream.time_base) - container.start_time / av.time_base
    return found if found > nominal_interval(stream) else 0.0


def stated_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """Seconds that the container states for its video stream; None where it states none that can be relied on."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    start = float((stream.start_time or 0) * (stream.time_base or 0))
    tagged = _tagged_end(stream)
    if tagged is not None and tagged > start:
        return tagged - start
    # The length of the file is that of its longest stream, often the sound.
    if container.duration and len(container.streams) == 1:
        return container.duration / av.time_base
    return None


def frame_rate(path: Path) -> float | None:
    """Frames a second of a video, where its container states one constant rate; None where it varies or is not known.

    `HcutalError` where the file is no video.
    """
    if is_of_pictures(path):
        return None
    with open_video(path) as (_, stream):
        mean, least = stream.average_rate, stream.guessed_rate
        # libavformat's two: the mean, and the lowest rate in which all times can be told.
        if not mean or not least or abs(float(mean / least) - 1) > CONSTANT:
            return None
        return float(least)


def nominal_interval(stream: VideoStream) -> float:
    """Seconds between frames by the stream's own word, for frames without a timestamp; 1 / 25 where it has none."""
    rate = stream.average_rate or stream.guessed_rate
    return float(1 / rate) if rate else 1 / 25


def _tagged_end(stream: VideoStream) -> float | None:
    """Matroska: the end of a stream stands in a tag, e.g. `00:00:02.500000000`."""
    parts = stream.metadata.get("DURATION", "").split(":")
    try:
        hours, minutes, seconds = (float(part) for part in parts)
    except ValueError:
        return None
    return timedelta(hours=hours, minutes=minutes, seconds=seconds).total_seconds()


def _scan(path: Path, container: InputContainer, stream: VideoStream) -> float:
    """Seconds from the start to the last packet and one interval more; by their number where they have no time."""
    count, first, last = 0, None, None
    try:
        for packet in container.demux(stream):
            if not packet.size:
                continue
            count += 1
            stamp = packet.dts if packet.pts is None else packet.pts
            if stamp is not None:
                first = stamp if first is None else min(first, stamp)
                last = stamp if last is None else max(last, stamp)
    except av.FFmpegError:
        # What follows cannot be read; decoding says so too, and how much is lost.
        pass
    if count == 0:
        raise HcutalError(f"{path}: its video stream is empty; expected at least one frame")
    interval = nominal_interval(stream)
    if first is None or last is None or not stream.time_base:
        return count * interval
    return lead(container, stream, first) + float((last - first) * stream.time_base) + interval
