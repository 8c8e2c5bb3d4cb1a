"""Recordings that are a vector a frame, e.g. skeletons: arrays and tables."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from hcutal.data.npy import map_array
from hcutal.data.problems import some
from hcutal.errors import HcutalError
from hcutal.extract.frame_extractor import FrameExtractor
from hcutal.extract.vector_clock import read_clock
from hcutal.extract.vector_columns import array_names, choose, clock_of, dimensions_of, match
from hcutal.extract.vector_gaps import Array, VectorFrames, without_gaps
from hcutal.extract.vector_table import read_number_table
from hcutal.params.extractors import VectorFeatures

# Ten days at 100 frames a second: times beyond that are in another unit.
MOST_FRAMES = 1e8


class VectorExtractor(FrameExtractor[VectorFeatures]):
    """Features of `.npy` [frames, ...] of numbers, or `.csv` with a column a dimension.

    How tables are read is said in `vector_table`, `vector_clock` and `vector_columns`: columns are matched by name. A
    clock is no dimension: the others are brought to `fps` by linear interpolation. Gaps (NaN, empty cells) are filled
    by linear interpolation, and long ones counted; what follows a step of the clock longer than `longest_gap` is left
    out. With `centre`, the arrays are [frames, joints, coordinates], and the mean of the joints of a frame is taken
    off, so that it does not matter where somebody stands.
    """

    Params: ClassVar = VectorFeatures
    suffixes: ClassVar = frozenset({".npy", ".csv"})

    @staticmethod
    def settle(params: VectorFeatures, paths: Iterable[Path]) -> dict[str, Any]:
        """The columns that all recordings are to have: those of most of them."""
        return {"matched": match(paths, params)}

    def read(self, path: Path) -> VectorFrames:
        """Its frames at `fps`, without gaps."""
        return read_frames(path, self._params)


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
