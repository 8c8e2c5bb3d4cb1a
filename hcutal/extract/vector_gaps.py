"""Rows of numbers at one rate: what is missing is filled, and what follows a long gap of the clock left out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.data.problems import some
from hcutal.errors import HcutalError
from hcutal.params.extractors import WindowFeatures

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class VectorFrames:
    """A recording as it was read.

    Attributes:
        frames: numbers [n, D] at the rate of the parameters, without gaps.
        said: the form of the file in words.
        note: what was left out, or filled though it is long; empty where nothing was.
        names: of the D columns.
    """

    frames: Array
    said: str
    note: str = ""
    names: tuple[str, ...] = ()


def without_gaps(
    path: Path, table: pd.DataFrame, clock: Array | None, params: WindowFeatures, said: list[str]
) -> VectorFrames:
    """Frames at `fps`: values between those that are there lie on straight lines.

    Args:
        path: of the recording, for messages.
        table: rows of numbers, NaN where there is none.
        clock: seconds of the rows [n]; None where they are frames at `fps`.
        params: of the extractor.
        said: what is known of the file, in words.
    """
    values = table.to_numpy(dtype=np.float64)
    times = np.arange(len(values)) / params.fps if clock is None else clock
    names = tuple(map(str, table.columns))
    empty = [str(name) for name in table.columns[table.isna().all()]]
    if empty or not len(values):
        found = f"no value in dimension {some(empty)}" if empty else "no frame"
        remedy = f"; -o 'ignore=[{', '.join(empty)}]' leaves it out of all recordings" if empty else ""
        raise HcutalError(f"{path}: {found}; expected numbers in every dimension{remedy}")
    end, left_out = _end(path, times, params)
    values, times = values[:end], times[:end]
    note = "; ".join(filter(None, [left_out, _long_gaps(times, values, params.longest_gap)]))
    if clock is None and not np.isnan(values).any():
        return VectorFrames(values, "; ".join(said), note, names)
    grid = np.arange(int(times[-1] * params.fps + 1e-6) + 1) / params.fps
    return VectorFrames(
        np.stack([_filled(path, name, grid, times, values[:, at]) for at, name in enumerate(table)], axis=1),
        "; ".join(said),
        note,
        names,
    )


def _filled(path: Path, name: object, grid: Array, times: Array, values: Array) -> Array:
    there = np.isfinite(values)
    if not there.any():
        raise HcutalError(
            f"{path}: no value in dimension {name} in what is kept; -o 'ignore=[{name}]' leaves it out of all"
        )
    filled: Array = np.interp(grid, times[there], values[there])
    return filled


def _end(path: Path, times: Array, params: WindowFeatures) -> tuple[int, str]:
    """How many rows are kept: up to the first step of the clock that is too long; and what is left out, in words.

    Raises `HcutalError` where that would be most of the recording.
    """
    steps = np.diff(times)
    # Rows that follow each other at the rate have no gap between them, however low it is.
    longest = np.inf if params.longest_gap is None else max(params.longest_gap, 1.5 / params.fps)
    gaps: npt.NDArray[np.intp] = np.flatnonzero(steps > longest)
    if len(gaps) == 0:
        return len(times), ""
    kept, after = int(gaps[0]) + 1, len(times) - int(gaps[0]) - 1
    text = (
        f"{_gaps(len(gaps))} longer than {params.longest_gap:g} s, the first of {steps[gaps[0]]:.4g} s after "
        f"{times[gaps[0]]:.4g} s"
    )
    if after > kept:
        raise HcutalError(
            f"{path}: {text}: most of the recording follows; cut it there, or -o longest_gap=null"
        )
    return kept, f"left out: {after} rows after {text}"


def _long_gaps(times: Array, values: Array, longest: float | None) -> str:
    """How many runs of rows without a value are filled though they are long, in all columns and in some; in words."""
    if longest is None:
        return ""
    there = np.isfinite(values)
    whole = _runs(times, np.asarray(there.any(axis=1)), longest)
    single = sum(len(_runs(times, column, longest)) for column in there.T) - len(whole) * there.shape[1]
    found = [f"{_gaps(len(whole))} longer than {longest:g} s without any value ({whole.sum():.4g} s)"] * bool(
        len(whole)
    )
    found += [f"{_gaps(single)} longer than {longest:g} s in single columns"] * (single > 0)
    return f"filled: {', '.join(found)}" if found else ""


def _gaps(number: int) -> str:
    return f"{number} gap{'' if number == 1 else 's'}"


def _runs(times: Array, there: npt.NDArray[np.bool_], longest: float) -> Array:
    """Seconds of each run of rows that are not there, of those that are longer than `longest`."""
    lengths: Array = np.diff(np.concatenate([times[:1], times[there], times[-1:]]))
    return lengths[lengths > longest]
