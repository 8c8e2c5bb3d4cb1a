"""When each decoded frame is shown, and which of them are shown at a constant rate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

# Containers round timestamps to as much as a millisecond (Matroska, Flash).
TOLERANCE = 1e-3
# Farther back than any decoder puts frames in order: there, the count of time began anew.
BACK = 1.0
# ffmpeg's dts_delta_threshold: where time may begin anew, a longer step is that, not a still picture.
FORWARD = 10.0

T = TypeVar("T")


@dataclass(frozen=True)
class Shown(Generic[T]):
    """A frame, when it appears (seconds), and for how long where the file says so (else 0)."""

    frame: T
    time: float
    duration: float


class Clock:
    """Time of frames, in the order in which they come out of the decoder.

    A timestamp that is missing is the last one and `interval`. Whether the presentation or the decoding stamp
    counts is settled as in libavcodec: the one that went backwards less often (AVI knows no presentation stamps).
    A step back of more than `BACK` s, and with `restarts` one forward of more than `FORWARD` s, continues after one
    interval: there the recorder, or whoever put two files together, began to count anew.
    """

    def __init__(self, seconds_per_tick: float, interval: float, restarts: bool) -> None:
        """`restarts`: the format allows that the count of time begins anew (MPEG transport streams)."""
        self._tick = seconds_per_tick
        self._interval = interval
        self._restarts = restarts
        self._last: dict[str, int] = {}
        self._faults = {"pts": 0, "dts": 0}
        self._stamp: float | None = None
        self._now = 0.0

    def time(self, pts: int | None, dts: int | None) -> float | None:
        """Seconds since the first frame; None for a frame that is not later than the one before, to be dropped."""
        ticks = self._ticks(pts, dts)
        if self._stamp is None:
            self._stamp = 0.0 if ticks is None else ticks * self._tick
            return self._now
        stamp = self._stamp + self._interval if ticks is None else ticks * self._tick
        step = stamp - self._stamp
        if step < -BACK or (self._restarts and step > FORWARD):
            step = self._interval
        if step <= 0:
            return None
        self._stamp = stamp
        self._now += step
        return self._now

    def _ticks(self, pts: int | None, dts: int | None) -> int | None:
        for kind, stamp in (("pts", pts), ("dts", dts)):
            if stamp is not None:
                self._faults[kind] += stamp <= self._last.get(kind, stamp - 1)
                self._last[kind] = stamp
        if pts is not None and (dts is None or self._faults["pts"] <= self._faults["dts"]):
            return pts
        return dts


def resample(shown: Iterable[Shown[T]], fps: float) -> Iterator[T]:
    """Frames at a constant rate: frame k is the latest that has appeared at k / fps s, give or take `TOLERANCE`.

    Times rise strictly. Before the first frame it is that one. There is one frame for each k / fps before the end of
    the last frame, and at least one if there is any. A last frame of unknown duration lasts as long as the mean of
    those before it, or 1 / fps.
    """
    count, held, steps, first = 0, None, -1, 0.0
    for item in shown:
        steps += 1
        if held is None:
            first = item.time
        else:
            while count / fps < item.time - TOLERANCE:
                yield held.frame
                count += 1
        held = item
    if held is None:
        return
    end = held.time + (held.duration or ((held.time - first) / steps if steps else 1 / fps))
    while count == 0 or count / fps < end - TOLERANCE:
        yield held.frame
        count += 1
