"""The class activation sequences (CAS) of the recordings, with their times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hcutal.data.sampling import uniform
from hcutal.data.store import FeatureMeta
from hcutal.errors import HcutalError
from hcutal.report.run_outputs import RunOutputs

Floats = npt.NDArray[np.floating]
# Of a segment's length, shown on both sides of it.
AROUND = 0.5


@dataclass(frozen=True, eq=False)
class Curves:
    """The class CAS of each recording, read from the archive at `path` when it is asked for."""

    path: Path
    classes: Sequence[str]
    archive: Mapping[str, np.ndarray]
    meta: FeatureMeta

    @classmethod
    def read(cls, outputs: RunOutputs) -> "Curves":
        """Open the archive of a run; `HcutalError` when it is none."""
        return cls(outputs.cas_path, *read_cas(outputs.cas_path), outputs.features)

    @property
    def recordings(self) -> list[str]:
        """The recordings that were localized, sorted."""
        return sorted(name for name in self.archive if name != "classes")

    def of(self, recording: str) -> tuple[Floats, float, dict[str, Floats]]:
        """The times [T] of a recording's CAS, its end, both in seconds, and the CAS [T] of each class.

        The times are the middles of the snippets that the model looked at, the end is that of the last snippet.
        `HcutalError` when the CAS does not fit the classes, or has more rows than the recording has snippets.
        """
        cas, times = self.archive[recording], self.meta.times_of(recording)
        if cas.ndim != 2 or cas.shape[1] != len(self.classes):
            raise HcutalError(f"{self.path}: {recording} is {cas.shape}; expected [T, {len(self.classes)}]")
        snippets = self.meta.lengths.get(recording, len(cas))
        if not 1 <= len(cas) <= snippets:
            raise HcutalError(
                f"{self.path}: {recording} has {len(cas)} rows; expected 1 to {snippets}, its snippets"
            )
        curves = dict(zip(self.classes, cas.T, strict=True))
        return times.middles(uniform(snippets, len(cas))), times.end(snippets), curves

    def around(self, recording: str, start: float, end: float) -> tuple[float, float]:
        """A segment of a recording (s) with half of its length on both sides, within the recording."""
        margin = AROUND * (end - start)
        length = self.of(recording)[1] if recording in self.archive else end
        return max(start - margin, 0.0), min(end + margin, max(length, end))


class _Archive(Mapping[str, np.ndarray]):
    """The arrays of an archive; `HcutalError` for one that is damaged, which shows when it is read."""

    def __init__(self, path: Path, opened: Any) -> None:
        self._path, self._opened = path, opened

    def __getitem__(self, name: str) -> np.ndarray:
        try:
            array = self._opened[name]
        except Exception as error:
            raise HcutalError(f"{self._path}: array {name!r} cannot be read ({error})") from None
        if not isinstance(array, np.ndarray):
            raise HcutalError(f"{self._path}: {name!r} is no array; expected one a recording")
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._opened.files)

    def __len__(self) -> int:
        return len(self._opened.files)


def read_cas(path: Path) -> tuple[list[str], Mapping[str, np.ndarray]]:
    """The class names C, and the class CAS [T, C] of each recording by name, read when it is asked for."""
    try:
        opened = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise HcutalError(f"{path}: no such file") from None
    # A damaged archive raises nearly anything.
    except Exception as error:
        raise HcutalError(f"{path}: not a NumPy archive ({error})") from None
    if not isinstance(opened, np.lib.npyio.NpzFile) or "classes" not in opened:
        raise HcutalError(
            f"{path}: no array 'classes'; expected an archive with one array a recording and the classes"
        )
    archive = _Archive(path, opened)
    return [str(name) for name in archive["classes"].ravel()], archive


def pooled(times: Floats, curve: Floats, most: int) -> tuple[Floats, Floats]:
    """A curve [T] of at most `most` points: the mean time and the largest value of runs of about equal length."""
    if len(curve) <= most:
        return times, curve
    first = np.linspace(0, len(curve), most + 1).astype(np.intp)[:-1]
    counts = np.diff(np.append(first, len(curve)))
    return np.add.reduceat(times, first) / counts, np.maximum.reduceat(curve, first)
