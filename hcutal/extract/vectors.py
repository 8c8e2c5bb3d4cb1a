"""Snippets of recordings that are a vector a frame, e.g. skeletons: posture and motion in a window around each."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.data.npy import map_array
from hcutal.data.problems import some
from hcutal.errors import HcutalError
from hcutal.extract.extractor import About, RawSignals
from hcutal.extract.vector_clock import read_clock
from hcutal.extract.vector_columns import array_names, choose, clock_of, dimensions_of, match
from hcutal.extract.vector_gaps import Array, VectorFrames, without_gaps
from hcutal.extract.vector_table import read_number_table
from hcutal.params.extractors import VectorFeatures, WindowFeatures

log = logging.getLogger(__name__)
# Ten days at 100 frames a second: times beyond that are in another unit.
MOST_FRAMES = 1e8


class VectorExtractor:
    """Features of `.npy` [frames, ...] of numbers, or `.csv` with a column a dimension.

    How tables are read is said in `vector_table`, `vector_clock` and `vector_columns`: columns are matched by name. A
    clock is no dimension: the others are brought to `fps` by linear interpolation. Gaps (NaN, empty cells) are filled
    by linear interpolation; what follows a time longer than `longest_gap` without any value is left out. With `centre`,
    the arrays are [frames, joints, coordinates], and the mean of the joints of a frame is taken off, so that it does
    not matter where somebody stands.
    """

    Params: ClassVar = VectorFeatures
    suffixes: ClassVar = frozenset({".npy", ".csv"})
    neutral: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, params: VectorFeatures) -> None:
        """Nothing is loaded."""
        self._params = params
        self._last: tuple[Any, VectorFrames] | None = None

    @staticmethod
    def settle(params: VectorFeatures, paths: Iterable[Path]) -> dict[str, Any]:
        """The columns that all recordings are to have: those of most of them."""
        return {"matched": match(paths, params)}

    def about(self) -> About:
        """Snippets in frames at `fps`."""
        params = self._params
        return About(params.fps, params.snippet_frames, params.stride)

    def step(self) -> float:
        """Seconds from one snippet to the next."""
        return self.about().times.step

    def probe(self, path: Path) -> float:
        """Seconds of a recording."""
        return len(self._read(path).frames) / self._params.fps

    def read_as(self, path: Path) -> tuple[str, str]:
        """How a recording was read, and what was left out of it, in words; the second may be empty."""
        found = self._read(path)
        return found.said, found.note

    def extract(self, path: Path) -> dict[str, npt.NDArray[np.float32]]:
        """Streams `posture` [T, D] and `motion` [T, 2 D], see `describe`."""
        found = self._read(path)
        if found.note:
            log.warning("%s: %s", path, found.note)
        return describe(found.frames, self._params)

    def signals(self, path: Path) -> RawSignals:
        """The numbers of a recording, as features are made of them."""
        found = self._read(path)
        return RawSignals(found.names, found.frames, self._params.fps)

    def _read(self, path: Path) -> VectorFrames:
        """The recording; read once where several things are asked of it one after another."""
        about = path.stat() if path.exists() else None
        key = (path, about and (about.st_mtime_ns, about.st_size))
        if self._last is None or self._last[0] != key:
            self._last = (key, read_frames(path, self._params))
        return self._last[1]


def describe(frames: Array, params: WindowFeatures) -> dict[str, npt.NDArray[np.float32]]:
    """Features of the snippets of frames [n, D]; a window is centred on its snippet, reflected at both ends.

    posture [T, D]: the mean. motion [T, 2 D]: the standard deviation, and the mean absolute speed in units a
    second. T = floor((n - snippet_frames) / stride) + 1; a shorter recording has one snippet.
    """
    size = max(params.window_frames, params.snippet_frames)
    count = max((len(frames) - params.snippet_frames) // params.stride, 0) + 1
    before = (size - params.snippet_frames) // 2
    padded = np.pad(frames, ((before, size), (0, 0)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=0)
    windows = windows[np.arange(count) * params.stride]
    speed = np.abs(np.diff(windows, axis=2)).mean(axis=2) * params.fps
    motion = np.concatenate([windows.std(axis=2), speed], axis=1)
    return {"posture": windows.mean(axis=2).astype(np.float32), "motion": motion.astype(np.float32)}


def read_vectors(path: Path, params: VectorFeatures) -> Array:
    """Frames [n, D] at `fps`, without gaps; `HcutalError` says what is wrong with the file."""
    return read_frames(path, params).frames


def read_frames(path: Path, params: VectorFeatures) -> VectorFrames:
    """`read_vectors`, with what is to be said of the file."""
    if path.suffix.lower() != ".csv":
        table = _read_npy(path, params)
        return without_gaps(path, table, None, params, [f"array, {_columns(table)}"])
    found = read_number_table(path, params)
    clock = clock_of(path, found.form.names, params)
    table = dimensions_of(path, found, clock, params)
    rate = f"no clock, {params.fps:g} frames a second (fps)"
    times = None
    if clock is not None:
        read = read_clock(path, found.columns[clock], params.time_unit, params.fps, found.lines)
        times, rate = read.seconds, read.said
        _check_length(path, clock, times, params.fps)
    out = [str(name) for name in found.columns if name != clock and name not in table]
    said = [found.form.text, rate, _columns(table), *([f"left out: {some(out, 10)}"] if out else [])]
    return without_gaps(path, table, times, params, said)


def _columns(table: pd.DataFrame) -> str:
    return f"{table.shape[1]} columns ({some(map(str, table.columns), 6)})"


def _read_npy(path: Path, params: VectorFeatures) -> pd.DataFrame:
    values: Any = map_array(path)
    wanted = (3,) if params.centre else (2, 3, 4)
    if not np.issubdtype(values.dtype, np.number) or values.ndim not in wanted or 0 in values.shape:
        expected = (
            "[frames, joints, coordinates]"
            if params.centre
            else "[frames, D] or [frames, joints, coordinates]"
        )
        raise HcutalError(f"{path}: {values.dtype} {values.shape}; expected numbers {expected}")
    exact = np.asarray(values, dtype=np.float64)
    if np.isinf(exact).any():
        raise HcutalError(f"{path}: infinite values; expected numbers, or NaN for gaps")
    if params.centre:
        exact = exact - _means(exact)
    names = array_names(exact.shape)
    return pd.DataFrame(exact.reshape(len(exact), -1), columns=names)[choose(path, names, params)]


def _means(joints: Array) -> Array:
    """The means of the joints of each frame [n, 1, coordinates]; NaN where none was seen."""
    seen = np.isfinite(joints)
    count = seen.sum(axis=1, keepdims=True)
    total = np.where(seen, joints, 0.0).sum(axis=1, keepdims=True)
    means: Array = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return means


def _check_length(path: Path, clock: str, times: Array, fps: float) -> None:
    if times[-1] * fps > MOST_FRAMES:
        raise HcutalError(
            f"{path}: column {clock} spans {times[-1]:g} s: {times[-1] * fps:.3g} frames at {fps:g} a second; "
            f"expected at most {MOST_FRAMES:g} frames"
        )
