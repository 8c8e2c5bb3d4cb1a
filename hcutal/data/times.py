"""Rows of snippets in seconds: the one place where one becomes the other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.integer]
Seconds = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SnippetTimes:
    """Where the snippets of a recording stand.

    Attributes:
        fps: frames, or samples, a second.
        frames: frames that a snippet covers.
        stride: frames from the start of one snippet to that of the next.
        offset: seconds from the start of the recording to its first frame.

    >>> times = SnippetTimes(fps=25.0, frames=16, stride=16)
    >>> times.middles(np.array([0, 1]))
    array([0.32, 0.96])
    >>> times.end(100)
    64.0
    """

    fps: float
    frames: int
    stride: int
    offset: float = 0.0

    @property
    def step(self) -> float:
        """Seconds from the start of one snippet to that of the next."""
        return self.stride / self.fps

    @property
    def length(self) -> float:
        """Seconds that a snippet covers."""
        return self.frames / self.fps

    def middles(self, rows: Rows) -> Seconds:
        """Seconds of the middles of the snippets `rows` [n]."""
        return np.asarray(self.offset + (rows + 0.5) * self.step + (self.length - self.step) / 2)

    def edges(self, edge: Rows, parts: int, count: int) -> Seconds:
        """Seconds of the edges between `parts` equal parts of `count` snippets; `edge` [n] is 0 to `parts`.

        A snippet stands for the `step` seconds around its middle: for all that it covers when snippets do not
        overlap.
        """
        return np.asarray(self.offset + edge * (count * self.step / parts) + (self.length - self.step) / 2)

    def end(self, count: int) -> float:
        """Seconds of the end of the last of `count` snippets; of the first frame where there is none.

        >>> SnippetTimes(fps=30.0, frames=16, stride=4).end(3)
        0.8
        """
        return self.offset + (((count - 1) * self.stride + self.frames) / self.fps if count else 0.0)

    def count(self, seconds: float) -> int:
        """How many whole snippets side by side fit into a recording of so many seconds."""
        return int((seconds - self.offset) * self.fps / self.stride)
