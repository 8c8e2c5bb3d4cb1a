"""The class activation sequences of the recordings, with their times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hcutal.data.sampling import uniform
from hcutal.data.store import FeatureMeta
from hcutal.errors import HcutalError
from hcutal.report.inputs import Inputs, read_cas

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Curves:
    """The class CAS of each recording, read from the archive at `path` when it is asked for."""

    path: Path
    classes: Sequence[str]
    archive: Mapping[str, np.ndarray]
    meta: FeatureMeta

    @classmethod
    def read(cls, inputs: Inputs) -> "Curves":
        """Open the archive of an experiment; `HcutalError` when it is none."""
        return cls(inputs.cas_path, *read_cas(inputs.cas_path), inputs.features)

    @property
    def videos(self) -> list[str]:
        """The recordings that were localized, sorted."""
        return sorted(name for name in self.archive if name != "classes")

    def cas(self, video: str) -> np.ndarray:
        """The class CAS [T, C] of a recording; `HcutalError` when it does not fit the classes."""
        found = self.archive[video]
        if found.ndim != 2 or found.shape[1] != len(self.classes):
            raise HcutalError(f"{self.path}: {video} is {found.shape}; expected [T, {len(self.classes)}]")
        return found

    def of(self, video: str) -> tuple[Floats, float, dict[str, Floats]]:
        """Of a recording the times [T] of its CAS, its end, both in seconds, and the CAS [T] of each class.

        The times are the middles of the snippets that the model looked at, the end that of the last snippet.
        `HcutalError` when there are more rows than snippets.
        """
        cas, times = self.cas(video), self.meta.times
        snippets = self.meta.lengths.get(video, len(cas))
        if not 1 <= len(cas) <= snippets:
            raise HcutalError(
                f"{self.path}: {video} has {len(cas)} rows; expected 1 to {snippets}, its snippets"
            )
        curves = dict(zip(self.classes, cas.T, strict=True))
        return times.middles(uniform(snippets, len(cas))), times.end(snippets), curves


def pooled(times: Floats, curve: Floats, most: int) -> tuple[Floats, Floats]:
    """A curve [T] of at most `most` points: the mean time and the largest value of runs of about equal length."""
    if len(curve) <= most:
        return times, curve
    first = np.linspace(0, len(curve), most + 1).astype(np.intp)[:-1]
    counts = np.diff(np.append(first, len(curve)))
    return np.add.reduceat(times, first) / counts, np.maximum.reduceat(curve, first)
