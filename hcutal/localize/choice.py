"""Which of all proposals are shown to people as segments."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """Limits on the segments of a recording: how much they may overlap, how low their score and how many they may be.

    Attributes:
        overlap: the highest tIoU between two segments of a class.
        min_score: the lowest score. The default was chosen on the training recordings of the built-in data sets
            (benchmarks/segments.py).
        top: the most segments of a recording; None for no limit.
    """

    overlap: float = 0.0
    min_score: float = 0.3
    top: int | None = None

    def __str__(self) -> str:
        """The choice in words, for a page."""
        apart = "does not overlap" if self.overlap == 0 else f"has at most a tIoU of {self.overlap:g}"
        most = f"; the best {self.top} of a recording" if self.top is not None else ""
        return (
            f"of each class the best, then the next best that {apart} with those before, and so on; "
            f"with a score of {self.min_score:g} or more{most}."
        )
