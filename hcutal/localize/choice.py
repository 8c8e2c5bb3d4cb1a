"""Which of all proposals are shown to people, as segments."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """Segments are proposals of a class that overlap at most so much, with a score, the best of a recording.

    Attributes:
        overlap: the tIoU up to which segments of a class may overlap.
        min_score: what the score must reach. The default was chosen on the training recordings of the built-in data
            sets (benchmarks/segments.py).
        top: so many segments a recording at most; None for all.
    """

    overlap: float = 0.0
    min_score: float = 0.3
    top: int | None = None

    def __str__(self) -> str:
        """In words, for a page."""
        apart = "does not overlap" if self.overlap == 0 else f"has at most a tIoU of {self.overlap:g}"
        most = f"; the best {self.top} of a recording" if self.top is not None else ""
        return (
            f"of each class the best, then the next best that {apart} with those before, and so on; "
            f"with a score of {self.min_score:g} or more{most}."
        )
