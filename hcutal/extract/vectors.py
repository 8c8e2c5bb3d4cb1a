"""Snippets of recordings that are a vector a frame, e.g. skeletons: posture and motion in a window around each."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.data.npy import map_array
from hcutal.errors import HcutalError
from hcutal.extract.extractor import About
from hcutal.params.extractors import VectorFeatures

TIME = "time"
# Ten days at 100 frames a second: times beyond that are in another unit.
MOST_FRAMES = 1e8
Array = npt.NDArray[np.float64]


class VectorExtractor:
    """Features of `.npy` [frames, ...] of numbers, or `.csv` with a column a dimension.

    A column called `time` (seconds, rising) is no dimension: the others are brought to `fps` by linear
    interpolation. Gaps (NaN, empty cells) are filled by linear interpolation. With `centre`, the arrays are
    [frames, joints, coordinates], and the mean of the joints of a frame is taken off, so that it does not
    matter where somebody stands.
    """

    Params: ClassVar = VectorFeatures
    suffixes: ClassVar = frozenset({".npy", ".csv"})
    neutral: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, params: VectorFeatures) -> None:
        """Nothing is loaded."""
        self._params = params

    def about(self) -> About:
        """Snippets in frames at `fps`."""
        params = self._params
        return About(params.fps, params.snippet_frames, params.stride)

    def step(self) -> float:
        """Seconds from one snippet to the next."""
        return self.about().times.step

    def probe(self, path: Path) -> float:
        """Seconds of a recording."""
        return len(read_vectors(path, self._params)) / self._params.fps

    def extract(self, path: Path) -> dict[str, npt.NDArray[np.float32]]:
        """Streams `posture` [T, D] and `motion` [T, 2 D], see `describe`."""
        return describe(read_vectors(path, self._params), self._params)


def describe(frames: Array, params: VectorFeatures) -> dict[str, npt.NDArray[np.float32]]:
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
    table = _read_csv(path, params.fps) if path.suffix.lower() == ".csv" else _read_npy(path, params.centre)
    filled = table.interpolate(limit_direction="both") if table.isna().to_numpy().any() else table
    empty = [str(name) for name in filled.columns[filled.isna().any()]]
    if empty or len(filled) < 1:
        found = f"no value in dimension {empty[0]}" if empty else "no frame"
        raise HcutalError(f"{path}: {found}; expected numbers in every dimension")
    return filled.to_numpy(dtype=np.float64)


def _read_npy(path: Path, centre: bool) -> pd.DataFrame:
    values: Any = map_array(path)
    wanted = (3,) if centre else (2, 3, 4)
    if not np.issubdtype(values.dtype, np.number) or values.ndim not in wanted or 0 in values.shape:
        expected = (
            "[frames, joints, coordinates]" if centre else "[frames, D] or [frames, joints, coordinates]"
        )
        raise HcutalError(f"{path}: {values.dtype} {values.shape}; expected numbers {expected}")
    exact = np.asarray(values, dtype=np.float64)
    if np.isinf(exact).any():
        raise HcutalError(f"{path}: infinite values; expected numbers, or NaN for gaps")
    if centre:
        exact = exact - np.nanmean(exact, axis=1, keepdims=True)
    return pd.DataFrame(exact.reshape(len(exact), -1))


def _read_csv(path: Path, fps: float) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise HcutalError(f"{path}: not a CSV table ({error})") from None
    words = [str(name) for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    if words or table.empty:
        found = f"column {words[0]} holds {table[words[0]].iloc[0]!r}" if words and len(table) else "no row"
        raise HcutalError(f"{path}: {found}; expected numbers, a column a dimension, and a header")
    return _resampled(table, fps, path) if TIME in table else table


def _resampled(table: pd.DataFrame, fps: float, path: Path) -> pd.DataFrame:
    """The other columns at multiples of 1 / fps seconds from the first time on."""
    times = table[TIME].to_numpy(dtype=np.float64)
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise HcutalError(f"{path}: column {TIME} does not rise; expected seconds, each above the one before")
    frames = (times[-1] - times[0]) * fps
    if frames > MOST_FRAMES:
        raise HcutalError(
            f"{path}: column {TIME} goes from {times[0]:g} to {times[-1]:g}: {frames:.3g} frames at {fps:g} a second; "
            f"expected seconds, and at most {MOST_FRAMES:g} frames"
        )
    dimensions = table.drop(columns=TIME).interpolate(limit_direction="both")
    grid = times[0] + np.arange(int((times[-1] - times[0]) * fps + 1e-6) + 1) / fps
    return pd.DataFrame({name: np.interp(grid, times, dimensions[name]) for name in dimensions})
