"""A column of numbers over time as a band of a drawing: between the least and the greatest value of each span."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Band:
    """The outline of a column over so many seconds: an SVG path that is `across` units wide and `high` units high."""

    name: str
    colour: str
    path: str
    across: int
    seconds: float
    high: ClassVar[int] = 100

    def into(self, left: float, top: float, width: float, height: float) -> str:
        """The transformation of the path that puts it into a place of a drawing."""
        # The middles of the first and the last span are half a span from the ends.
        step = width / self.across
        return f"translate({left + step / 2:.2f} {top:.2f}) scale({step:.4g} {height / self.high:.4g})"


def scaled(values: npt.NDArray[np.floating], low: float, high: float) -> npt.NDArray[np.int64]:
    """Values in units of the height of a band, downwards; what is below `low` or above `high` lies on its edge."""
    share = (values - low) / (high - low) if high > low else np.full_like(values, 0.5)
    heights: npt.NDArray[np.int64] = np.rint(Band.high * (1 - np.clip(share, 0, 1))).astype(np.int64)
    return heights


def outline(heights: npt.NDArray[np.int64]) -> str:
    """An SVG path about heights [2, B], one unit across from each to the next: along one side, and back on the other.

    >>> outline(np.array([[60, 50], [40, 50]]))
    'M0 60l1-10 0 0-1-10z'
    """
    lower, upper = heights
    y = np.concatenate([lower, upper[::-1]])
    x = np.concatenate([np.arange(len(lower)), np.arange(len(lower))[::-1]])
    steps = "".join(
        f"{right if right < 0 else f' {right}'}{down if down < 0 else f' {down}'}"
        for right, down in zip(np.diff(x).tolist(), np.diff(y).tolist(), strict=True)
    )
    return f"M0 {y[0]}l{steps.strip()}z"
