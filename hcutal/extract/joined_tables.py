"""Tables of several devices that recorded the same thing, joined on their clocks: one table of a recording."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.extract.vector_clock import read_clock
from hcutal.extract.vector_columns import clock_of, dimensions_of
from hcutal.extract.vector_gaps import Array
from hcutal.extract.vector_table import read_number_table
from hcutal.files import atomic_path, files_in
from hcutal.params.extractors import VectorFeatures

TABLE = ".csv"


@dataclass(frozen=True)
class DeviceTable:
    """What a device recorded: columns of numbers, and when their rows are, in s on a clock that devices share."""

    path: Path
    columns: pd.DataFrame
    times: Array

    @property
    def span(self) -> str:
        """From when to when, in words."""
        return f"{self.path.name} {self.times[0]:.14g} to {self.times[-1]:.14g} s"


def join_tables(folders: Iterable[Path], out: Path, params: VectorFeatures) -> Iterator[str]:
    """Write OUT/<folder>.csv of the tables in each folder; yields how they were read and what was written.

    Rows are at `fps`, in the time that all devices have in common, which `time` counts from 0 s; columns are called
    `<file>.<column>`. Values lie on straight lines between those of a device; none over steps of its clock that are
    longer than `longest_gap`.

    Raises:
        HcutalError: where a folder has no two tables, one has no clock, or they have no time in common.
    """
    for folder in folders:
        if not folder.is_dir():
            raise HcutalError(f"{folder}: no such folder; expected tables of a recording, one a device")
        files = [path for path in files_in(folder) if path.suffix.lower() == TABLE]
        if len(files) < 2:
            raise HcutalError(f"{folder}: {len(files)} tables ({TABLE}); expected two or more, one a device")
        target = out / f"{folder.name}{TABLE}"
        if target.exists():
            raise HcutalError(f"{target}: exists already; expected another folder, or remove it")
        tables = []
        for path in files:
            table, said = _read(path, params)
            tables.append(table)
            yield f"{path}: {said}"
        joined = _joined(folder, tables, params)
        with atomic_path(target) as temporary:
            joined.to_csv(temporary, index=False)
        lost = max(float(table.times[-1] - table.times[0]) for table in tables) - joined["time"].iloc[-1]
        yield (
            f"{target}: {len(tables)} tables, {joined.shape[1] - 1} columns, {len(joined)} rows at {params.fps:g} a "
            f"second; {max(lost, 0):.4g} s of the longest are not in all"
        )


def _read(path: Path, params: VectorFeatures) -> tuple[DeviceTable, str]:
    found = read_number_table(path, params)
    clock = clock_of(path, found.form.names, params)
    if clock is None:
        raise HcutalError(
            f"{path}: no clock among {', '.join(found.form.names[:6])}; expected one, or -o time=NAME"
        )
    read = read_clock(path, found.columns[clock], params.time_unit, params.fps, found.lines)
    columns = dimensions_of(path, found, clock, params)
    if len(columns) < 2:
        raise HcutalError(f"{path}: {len(columns)} rows; expected two or more")
    return DeviceTable(path, columns, read.start + read.seconds), f"{found.form.text}; {read.said}"


def _joined(folder: Path, tables: list[DeviceTable], params: VectorFeatures) -> pd.DataFrame:
    start = max(float(table.times[0]) for table in tables)
    end = min(float(table.times[-1]) for table in tables)
    if start >= end:
        spans = ", ".join(table.span for table in tables)
        raise HcutalError(
            f"{folder}: no time that all have: {spans}; expected clocks that count from the same moment"
        )
    grid = np.arange(int((end - start) * params.fps + 1e-6) + 1) / params.fps
    joined = {"time": grid.round(9)}
    for table in tables:
        is_far = _is_in_gap(table.times, start + grid, params.longest_gap)
        for name, values in table.columns.items():
            there = values.notna().to_numpy()
            if not there.any():
                raise HcutalError(
                    f"{table.path}: no value in column {name}; -o 'ignore=[{name}]' leaves it out"
                )
            column = np.interp(start + grid, table.times[there], values.to_numpy()[there])
            joined[f"{table.path.stem}.{name}"] = np.where(is_far, np.nan, column)
    return pd.DataFrame(joined)


def _is_in_gap(times: Array, grid: Array, longest: float | None) -> npt.NDArray[np.bool_]:
    """Whether each time of `grid` lies between two that are too far apart; `grid` is within `times`."""
    after = np.clip(np.searchsorted(times, grid, side="left"), 1, len(times) - 1)
    is_far = times[after] - times[after - 1] > (longest or np.inf)
    return np.asarray(is_far & (times[after] != grid) & (times[after - 1] != grid))
