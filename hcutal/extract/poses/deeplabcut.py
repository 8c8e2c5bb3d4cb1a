"""DeepLabCut's tables, .csv and .h5: columns of scorer, individual where there are several, part and coordinate."""

import csv
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hcutal.data.meeting import plain
from hcutal.data.restricted_pickle import read_pickled
from hcutal.errors import HcutalError
from hcutal.extract.poses.tracked import AXES, LIKELIHOOD, Array, TrackedPoses, check_frames, empty
from hcutal.extract.vector_table import first_word, read_number_table
from hcutal.params.extractors import VectorFeatures

FORM = "DeepLabCut's table"
# Names of an individual in tables of one.
ALONE = ""
EXPECTED = "expected DeepLabCut's scorer, individuals where there are several, bodyparts, coords"


def read_deeplabcut_csv(path: Path) -> TrackedPoses:
    """Poses of a table of text; `HcutalError` where it is of another tool, or of pictures and no film."""
    found = read_number_table(path, VectorFeatures())
    if not found.form.is_pose:
        raise HcutalError(f"{path}: {found.form.text}; {EXPECTED} (other tables: --extractor vectors)")
    for name in map(str, found.columns):
        if not pd.api.types.is_numeric_dtype(found.columns[name]):
            line, word = first_word(found.columns[name], found.lines)
            raise HcutalError(f"{path}: column {name} holds {word!r} (line {line}); expected numbers")
    with path.open(encoding=found.form.encoding, errors="replace", newline="") as stream:
        head = list(islice(csv.reader(stream), found.form.header))
    levels = list(zip(*(row[1:] for row in head), strict=False))
    values = found.columns.to_numpy(dtype=np.float64)
    return _tracked(path, levels, values[:, 1:], values[:, 0])


def is_deeplabcut(file: Any) -> bool:
    """Whether an open HDF5 file holds a table of pandas, as DeepLabCut writes them."""
    return any("pandas_type" in group.attrs for group in file.values())


def read_deeplabcut_h5(path: Path, file: Any) -> TrackedPoses:
    """Poses of an open HDF5 file with one table of pandas, in either of its forms.

    The names of the columns are pickled; they are read by a reader that knows plain values alone.
    """
    tables = [group for group in file.values() if "pandas_type" in group.attrs]
    if len(tables) != 1:
        raise HcutalError(f"{path}: {len(tables)} tables of pandas; expected one")
    (group,) = tables
    kind = _text(group.attrs["pandas_type"])
    if kind == "frame_table":
        table = group["table"]
        levels = read_pickled(path, bytes(table.attrs["values_block_0_kind"]))
        rows = table[()]
        return _tracked(path, levels, rows["values_block_0"], rows["index"])
    if kind == "frame" and "block0_values" in group:
        return _tracked(path, _fixed_levels(group), group["block0_values"][()], group["axis1"][()])
    raise HcutalError(f"{path}: a pandas object of the kind {kind!r}; {EXPECTED}")


def _fixed_levels(group: Any) -> list[tuple[str, ...]]:
    """The names of the columns in pandas' form `fixed`: the values of each level, and the place in them."""
    levels = []
    for number in range(int(group.attrs.get("block0_items_nlevels", 0))):
        names = [_text(name) for name in group[f"block0_items_level{number}"][()]]
        levels.append([names[at] for at in group[f"block0_items_label{number}"][()]])
    return list(zip(*levels, strict=True))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _tracked(path: Path, levels: Sequence[Sequence[Any]], values: Array, rows: Array) -> TrackedPoses:
    """Poses of columns [n, D], each named by its levels, and the numbers of their frames [n]."""
    if not levels or any(not isinstance(names, tuple | list) or len(names) not in (3, 4) for names in levels):
        raise HcutalError(f"{path}: its columns have other names; {EXPECTED}")
    named = [(plain(str(names[1])) if len(names) == 4 else ALONE, *map(str, names[-2:])) for names in levels]
    individuals = list(dict.fromkeys(individual for individual, _, _ in named))
    parts = list(dict.fromkeys(plain(part) for _, part, _ in named))
    axes = [axis for axis in AXES if any(kind == axis for _, _, kind in named)]
    others = sorted({kind for _, _, kind in named} - {*AXES, LIKELIHOOD})
    if len(axes) < 2 or others:
        raise HcutalError(
            f"{path}: coordinates are {', '.join([*axes, *others])}; expected x, y, z where there is one, likelihood"
        )
    frames = _frames(path, rows)
    places, likelihood = empty(check_frames(path, int(frames[-1])), len(individuals), len(parts), len(axes))
    for at, (individual, part, kind) in enumerate(named):
        place = (frames, individuals.index(individual), parts.index(plain(part)))
        if kind == LIKELIHOOD:
            likelihood[place] = values[:, at]
        else:
            places[(*place, axes.index(kind))] = values[:, at]
    return TrackedPoses(FORM, places, likelihood, individuals, parts)


def _frames(path: Path, rows: Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Numbers of frames from 0 on, which rise."""
    if (
        not len(rows)
        or not np.issubdtype(rows.dtype, np.number)
        or not (np.diff(rows) > 0).all()
        or rows[0] < 0
    ):
        raise HcutalError(
            f"{path}: its rows are no frames of a film, which rise from 0 on (labelled pictures?); expected one film"
        )
    return rows.astype(np.int64)
