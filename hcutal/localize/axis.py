"""The up-sampled activation sequence, and where its points lie in the recording."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hcutal.data.times import SnippetTimes

Floats = npt.NDArray[np.floating]
Anchor = Literal["middle", "start"]


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """Evenly spaced points over a recording of T snippets, of which T' have values.

    Attributes:
        rows: [T'], rising, the snippets that have values.
        snippets: T.
        seconds: where the snippets lie.
        upsample: points for each value.
        duration: seconds of the recording, or infinity where it is not known.

    Three snippets of 0.64 s, two points each:

    >>> times = SnippetTimes(fps=25.0, frames=16, stride=16)
    >>> axis = TimeAxis(np.arange(3), snippets=3, seconds=times, upsample=2)
    >>> axis.points
    6
    >>> axis.times(np.array([0, 1, 6])).round(2).tolist()
    [0.0, 0.32, 1.92]
    >>> axis.upsampled(np.array([[0.0], [1.0], [1.0]]))[:, 0].tolist()
    [0.0, 0.25, 0.75, 1.0, 1.0, 1.0]
    """

    rows: npt.NDArray[np.integer]
    snippets: int
    seconds: SnippetTimes
    upsample: int
    duration: float = float("inf")

    @property
    def points(self) -> int:
        """Points of the up-sampled sequence; together they span all T snippets."""
        return len(self.rows) * self.upsample

    def times(self, edge: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Seconds of the edges between points, clipped to the recording; `edge` [n] is 0 to `points`."""
        return np.clip(self.seconds.edges(edge, self.points, self.snippets), 0.0, self.duration)

    def upsampled(self, values: Floats, anchor: Anchor = "middle") -> npt.NDArray[np.float64]:
        """Linear interpolation of values [T', C] at the points, [points, C]; constant beyond both ends.

        anchor: with middle, a value belongs to the middle of its snippet; with start, the T' values belong to the
        starts of T' equal parts of the recording, as in the published code. That is half a snippet early.
        """
        point = np.arange(self.points) * (self.snippets / self.points)
        if anchor == "start":
            known = np.arange(len(self.rows)) * (self.snippets / len(self.rows))
        else:
            point, known = point + self.snippets / self.points / 2, self.rows + 0.5
        right = np.clip(np.searchsorted(known, point), 1, max(len(known) - 1, 1))
        low, high = right - 1, np.minimum(right, len(known) - 1)
        gap = np.maximum(known[high] - known[low], np.finfo(np.float64).tiny)
        share = np.clip((point - known[low]) / gap, 0.0, 1.0)[:, None]
        exact = np.asarray(values, dtype=np.float64)
        found = np.take(exact, low, axis=0)
        found *= 1 - share
        found += share * np.take(exact, high, axis=0)
        return found


def normalised(values: Floats) -> npt.NDArray[np.float64]:
    """Min-max normalisation over time of each column of [T, C], to [0, 1]; constant columns become 0.

    >>> normalised(np.array([[1.0, 5.0], [3.0, 5.0], [2.0, 5.0]])).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.5, 0.0]]
    """
    values = np.asarray(values, dtype=np.float64)
    low = values.min(axis=0, keepdims=True)
    spread = values.max(axis=0, keepdims=True) - low
    return np.asarray(np.divide(values - low, spread, out=np.zeros_like(values), where=spread > 0))
