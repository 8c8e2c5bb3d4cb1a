"""Where the parts of animals or people are, frame by frame: what every file of poses says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hcutal.errors import HcutalError

Array = npt.NDArray[np.float64]
AXES = "xyz"
# Days of film: a number beyond is damaged.
MOST_FRAMES = 5_000_000
LIKELIHOOD = "likelihood"


@dataclass(frozen=True)
class TrackedPoses:
    """The poses in a file.

    Attributes:
        form: the kind of file, in words.
        places: [frames, individuals, parts, 2 or 3], NaN where a part was not found.
        likelihood: of each place [frames, individuals, parts], NaN where the file says none.
        individuals: their names.
        parts: the names of the parts.
    """

    form: str
    places: Array
    likelihood: Array
    individuals: Sequence[str]
    parts: Sequence[str]

    def seen(self) -> npt.NDArray[np.int64]:
        """How many places of each individual there are [individuals]."""
        there = np.isfinite(self.places).all(axis=3)
        return np.asarray(there.sum(axis=(0, 2)), dtype=np.int64)

    def likely(self, least: float) -> "TrackedPoses":
        """Without the places that are less likely; those whose likelihood is not said stay."""
        unlikely = self.likelihood < least
        return replace(self, places=np.where(unlikely[..., None], np.nan, self.places))

    def only(self, individual: int) -> "TrackedPoses":
        """One of the individuals alone."""
        at = slice(individual, individual + 1)
        return replace(
            self,
            places=self.places[:, at],
            likelihood=self.likelihood[:, at],
            individuals=self.individuals[at],
        )


def check_frames(path: Path, last: int) -> int:
    """The number of frames up to one of number `last`; `HcutalError` for more than there can be."""
    if not 0 <= last < MOST_FRAMES:
        raise HcutalError(f"{path}: a frame of number {last}; expected 0 to {MOST_FRAMES - 1}")
    return last + 1


def numbered(count: int) -> list[str]:
    """Names of what has none: "0", "1" and so on."""
    return [str(number) for number in range(count)]


def empty(frames: int, individuals: int, parts: int, axes: int) -> tuple[Array, Array]:
    """Places and likelihoods of nothing: NaN."""
    places = np.full((frames, individuals, parts, axes), np.nan)
    return places, np.full((frames, individuals, parts), np.nan)
