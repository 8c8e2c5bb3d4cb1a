"""Pieces of recordings, on which training looks as if each were a recording of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Piece:
    """The snippets `first` to `last` - 1 of a recording."""

    video: str
    first: int
    last: int

    @property
    def length(self) -> int:
        """How many snippets."""
        return self.last - self.first


def whole(videos: Sequence[str], lengths: Sequence[int] | np.ndarray) -> list[Piece]:
    """Each recording as one piece."""
    return [Piece(video, 0, int(length)) for video, length in zip(videos, lengths, strict=True)]


def cut(videos: Sequence[str], lengths: Sequence[int] | np.ndarray, size: int, hop: int) -> list[Piece]:
    """Overlapping pieces of `size` snippets, one every `hop` snippets; recordings that are no longer stay whole.

    The last piece of a recording ends with it, and may overlap more.

    >>> [(piece.first, piece.last) for piece in cut(["a"], [11], size=4, hop=2)]
    [(0, 4), (2, 6), (4, 8), (6, 10), (7, 11)]
    >>> cut(["b"], [3], size=4, hop=2)
    [Piece(video='b', first=0, last=3)]
    """
    pieces = []
    for video, length in zip(videos, lengths, strict=True):
        starts = range(0, max(int(length) - size, 0) + 1, hop)
        firsts = [*starts, int(length) - size] if length > starts[-1] + size else list(starts)
        pieces += [Piece(video, first, min(first + size, int(length))) for first in firsts]
    return pieces
