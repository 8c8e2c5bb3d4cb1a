"""The one check of the unit of times: whether segments lie within the recordings that they are of."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcutal.data.problems import some
from hcutal.errors import HcutalError

# Ends are rounded, and the last snippet reaches beyond the last frame: so much is no other unit.
TOLERANCE, FACTOR = 1.0, 1.1
# Beyond this factor the segments are of no use; below it, of another frame rate.
HOPELESS = 1.5
# The factor up to which times are frames, milliseconds and so on.
FRAMES, MILLISECONDS, MICROSECONDS = 30.0, 1e3 * FACTOR, 1e6 * FACTOR
# Up to this factor they may be either: frames of a quicker camera, or milliseconds that end long before the recordings.
EITHER = 900.0
# Recordings at least so long are not shown within one second.
LONG = 5.0
# Without a duration, ends beyond the last annotated one by this factor are suspicious.
FAR = 5.0
SHARES = "shares of the duration"
REMEDIES = {
    "seconds": "none is needed",
    SHARES: "multiply each time by the duration of its recording",
    "another frame rate": "make the times anew, from frames and the rate that the recordings have",
    "frames": "divide the times by the frame rate of the recordings",
    "frames or milliseconds": "divide the times by the frame rate of the recordings, or by 1,000",
    "milliseconds": "divide the times by 1,000",
    "microseconds": "divide the times by 1,000,000",
    "nanoseconds": "divide the times by 1,000,000,000",
}


@dataclass(frozen=True)
class UnitCheck:
    """How the ends of segments lie to the durations of their recordings.

    Attributes:
        checked: recordings that have segments and a duration; 0 where nothing can be said.
        beyond: those of them whose segments end after the recording.
        factor: how many times the duration the ends reach (of the recordings beyond, nine tenths reach less far); 1
            where the unit is seconds.
        unit: `seconds`, or what is more likely.
    """

    checked: int
    beyond: tuple[str, ...]
    factor: float
    unit: str

    @property
    def is_wrong(self) -> bool:
        """Whether another unit than seconds is all but certain."""
        return self.unit != "seconds" and (self.factor >= HOPELESS or self.factor < 1)

    @property
    def is_doubtful(self) -> bool:
        """Whether another unit or frame rate is likely."""
        return self.unit != "seconds"

    def text(self, what: str) -> str:
        """The finding in words; `what` has the segments, e.g. `predictions`."""
        if self.factor < 1:
            return f"{what} end within the first second in all {self.checked} recordings: {self.unit}?"
        return (
            f"{what} end at {self.factor:.3g} times the duration in {len(self.beyond)} of {self.checked} recordings "
            f"({some(self.beyond)}): {self.unit}?"
        )

    def refuse(self, path: object, what: str) -> None:
        """Raise `HcutalError` where another unit is all but certain."""
        if self.is_wrong:
            raise HcutalError(f"{path}: {self.text(what)} {self.remedy()}")

    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self.unit]


def check_unit(last: Mapping[str, float], durations: Mapping[str, float]) -> UnitCheck:
    """Compare the last end of each recording with its duration (s, NaN where unknown).

    The unit is another one where at least half of the recordings have ends beyond their duration by more than
    a second and a tenth, or all ends of two recordings and more lie
    within 0 to 1 and all are longer than 5 s. Which it is, is
    told by the factor: up to 1.5 another frame rate, up to 30 frames, up to 900 frames or milliseconds, then
    milliseconds and so on.

    >>> check_unit({"a": 1200.0, "b": 270.0}, {"a": 60.0, "b": 50.0}).text("predictions")
    'predictions end at 20 times the duration in 2 of 2 recordings (a, b): frames?'
    >>> check_unit({"a": 20.0}, {"a": 60.0}).is_doubtful
    False
    """
    names = [name for name in last if durations.get(name, np.nan) > 0]
    ends = np.array([last[name] for name in names])
    length = np.array([durations[name] for name in names])
    if not names:
        return UnitCheck(0, (), 1.0, "seconds")
    if len(names) > 1 and 0 < ends.max() <= 1 and length.min() > LONG:
        return UnitCheck(len(names), (), float((ends / length).max()), SHARES)
    is_beyond = ends > np.maximum(length + TOLERANCE, length * FACTOR)
    beyond = tuple(name for name, is_one in zip(names, is_beyond, strict=True) if is_one)
    if 2 * len(beyond) < len(names):
        return UnitCheck(len(names), beyond, 1.0, "seconds")
    factor = float(np.quantile((ends / length)[is_beyond], 0.9, method="higher"))
    return UnitCheck(len(names), beyond, factor, _likely(factor))


def far_beyond(last: Mapping[str, float], annotated: Mapping[str, float]) -> float | None:
    """How many times the last annotated end predictions reach, where that cannot be seconds; else None.

    For recordings without a duration: the median over them, and 5 is too much.

    >>> far_beyond({"a": 250.0, "b": 500.0}, {"a": 10.0, "b": 20.0}), far_beyond({"a": 12.0}, {"a": 10.0})
    (25.0, None)
    """
    ratios = [end / annotated[video] for video, end in last.items() if annotated.get(video, 0) > 0]
    median = float(np.median(ratios)) if ratios else 0.0
    return median if median >= FAR else None


def by_video(seconds: "pd.Series[float]") -> dict[str, float]:
    """Seconds of each video from a column of a table that is indexed by them."""
    return {str(video): float(value) for video, value in seconds.items()}


def _likely(factor: float) -> str:
    if factor < HOPELESS:
        return "another frame rate"
    if factor <= FRAMES:
        return "frames"
    if factor <= EITHER:
        return "frames or milliseconds"
    if factor <= MILLISECONDS:
        return "milliseconds"
    return "microseconds" if factor <= MICROSECONDS else "nanoseconds"
