"""Where the points of an up-sampled activation sequence stand in the recording."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hcutal.data.times import SnippetTimes

Floats = npt.NDArray[np.floating]
Anchor = Literal["middle", "start"]


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """Times of values at some snippets of a recording, and of the evenly spaced points between them.

    rows: [T'], rising, the snippets that have values; snippets: T, snippets of the recording; seconds: where
    they stand; upsample: points for each value; duration: seconds of the recording, or infinity.
    """

    rows: npt.NDArray[np.integer]
    snippets: int
    seconds: SnippetTimes
    upsample: int
    duration: float = float("inf")

    @property
    def points(self) -> int:
        """Points of the up-sampled sequence; they span all snippets, however many have values."""
        return len(self.rows) * self.upsample

    def times(self, edge: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Seconds of the edges between points, 0 to `points`, clipped to the recording."""
        return np.clip(self.seconds.edges(edge, self.points, self.snippets), 0.0, self.duration)

    def upsampled(self, values: Floats, anchor: Anchor = "middle") -> npt.NDArray[np.float64]:
        """Linear interpolation of `values` [T', C] at the points, [points, C]; constant beyond both ends.

        anchor: middle, a value stands in the middle of its snippet; start, the T' values stand at the starts
        of T' equal parts of the recording, as in the CoLA line, which is half a snippet early.
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
        return np.asarray((1 - share) * exact[low] + share * exact[high])


def normalised(values: Floats) -> npt.NDArray[np.float64]:
    """Min-max over time of each column of [T, C], to [0, 1]; constant columns become 0."""
    values = np.asarray(values, dtype=np.float64)
    low = values.min(axis=0, keepdims=True)
    spread = values.max(axis=0, keepdims=True) - low
    return np.asarray(np.divide(values - low, spread, out=np.zeros_like(values), where=spread > 0))
