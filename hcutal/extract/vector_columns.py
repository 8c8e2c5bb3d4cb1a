"""Which columns of a table, or of an array, are dimensions: by name or pattern, the same in all recordings."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hcutal.data.npy import map_array
from hcutal.data.problems import some
from hcutal.errors import HcutalError
from hcutal.extract.vector_clock import COUNTERS, is_clock, is_counter, only_counts, words_of
from hcutal.extract.vector_table import LIKELIHOOD, NumberTable, first_word, read_form
from hcutal.params.extractors import VectorFeatures

PATTERN = "*?["


def is_named(name: str, wanted: Iterable[str]) -> bool:
    """Whether a column has one of some names, or fits one of some patterns.

    >>> is_named("acc_x", ["gyr_*", "acc_*"]), is_named("acc_x", ["acc"])
    (True, False)
    """
    return any(name == one or fnmatchcase(name, one) for one in wanted)


def clock_of(path: Path, names: Sequence[str], params: VectorFeatures) -> str | None:
    """The column that is a clock; None where there is none. `HcutalError` for one that is asked for and not there."""
    if params.time == "":
        return None
    if params.time is None:
        return next((name for name in names if is_clock(name)), None)
    if params.time not in names:
        raise HcutalError(f"{path}: no column {params.time} (time); there are {some(names, 20)}")
    return params.time


def choose(path: Path, names: Sequence[str], params: VectorFeatures) -> list[str]:
    """The columns of `names` that are dimensions, in the order that all recordings have.

    Raises `HcutalError` where one that is named in `columns`, or that most recordings have, is not there.
    """
    wanted = params.matched or params.columns
    kept = [name for name in names if not is_named(name, params.ignore)]
    if wanted is None:
        return kept
    absent = [one for one in wanted if not any(is_named(name, [one]) for name in kept)]
    if absent:
        of = "which most recordings have" if params.matched else "which columns names"
        raise HcutalError(f"{path}: no column {some(absent)}, {of}; there are {some(kept, 20)}")
    return list(dict.fromkeys(name for one in wanted for name in kept if is_named(name, [one])))


def match(paths: Iterable[Path], params: VectorFeatures) -> list[str] | None:
    """The columns that most of some recordings have, of the larger of two such sets; None where none can be read."""
    return most_common(_read_dimensions(path, params) for path in paths)


def most_common(names: Iterable[list[str]]) -> list[str] | None:
    """The names that most of some lists have, of the larger of two such sets; None where all are empty.

    >>> most_common([["x", "y"], ["x"], ["y", "x"], []])
    ['x', 'y']
    """
    sets: dict[frozenset[str], list[str]] = {}
    times: Counter[frozenset[str]] = Counter()
    for each in filter(None, names):
        sets.setdefault(frozenset(each), each)
        times[frozenset(each)] += 1
    best = max(sets, key=lambda each: (times[each], len(each)), default=None)
    return sets[best] if best else None


def _read_dimensions(path: Path, params: VectorFeatures) -> list[str]:
    try:
        return _dimensions(path, params)
    # Extraction says of each recording what is wrong with it.
    except (HcutalError, ValueError):
        return []


def _dimensions(path: Path, params: VectorFeatures) -> list[str]:
    """The names of what would be read of a recording, as far as they are told by names alone."""
    if path.suffix.lower() != ".csv":
        names = array_names(map_array(path).shape)
        return _fitting(names, params)
    form = read_form(path, params)
    clock = clock_of(path, form.names, params)
    names = [
        name
        for name in form.names
        if name != clock and not (form.is_pose and (name == "frame" or name.endswith(f".{LIKELIHOOD}")))
    ]
    explicit = params.columns or []
    return _fitting(
        [
            name
            for name in names
            if name in explicit or not (_numbers_rows(name) or _is_other_clock(name, clock))
        ],
        params,
    )


def _fitting(names: Sequence[str], params: VectorFeatures) -> list[str]:
    kept = [name for name in names if not is_named(name, params.ignore)]
    return kept if params.columns is None else [name for name in kept if is_named(name, params.columns)]


def _is_other_clock(name: str, clock: str | None) -> bool:
    """Whether a column is a second clock beside that which is used."""
    return clock is not None and is_clock(name)


def _numbers_rows(name: str) -> bool:
    words = words_of(name)
    return name.startswith("unnamed ") or (len(words) == 1 and words[0] in COUNTERS)


def array_names(shape: Sequence[int]) -> list[str]:
    """The names of the dimensions of an array [frames, D], or [frames, joints, coordinates] and more axes.

    >>> array_names((9, 3)), array_names((9, 2, 2))
    (['0', '1', '2'], ['0.0', '0.1', '1.0', '1.1'])
    """
    return [".".join(map(str, place)) for place in np.ndindex(*shape[1:])]


def dimensions_of(path: Path, table: NumberTable, clock: str | None, params: VectorFeatures) -> pd.DataFrame:
    """The columns of a table that are dimensions; `HcutalError` for one that is none and that nobody left out."""
    columns = table.columns.drop(columns=[] if clock is None else [clock])
    if table.form.is_pose:
        columns = columns.drop(columns="frame", errors="ignore")
        for name in map(str, columns):
            if not is_named(name, params.ignore):
                _check(path, name, columns[name], table.lines, is_explicit=True)
        columns = _likely(
            columns.drop(columns=[name for name in columns if is_named(str(name), params.ignore)]),
            params.likelihood,
        )
    explicit = params.columns or []
    kept = [
        name
        for name in map(str, columns)
        if name in explicit or not (_is_other_clock(name, clock) or _is_number_of_row(name, columns[name]))
    ]
    chosen = columns[choose(path, kept, params)]
    if chosen.columns.empty:
        raise HcutalError(f"{path}: no column is left; there are {some(table.form.names, 20)}")
    for name in map(str, chosen):
        _check(path, name, chosen[name], table.lines, name in explicit)
    return chosen.astype(np.float64)


def _is_number_of_row(name: str, values: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(values) and is_counter(name, values.to_numpy(dtype=np.float64))


def _check(path: Path, name: str, values: "pd.Series[Any]", lines: Sequence[int], is_explicit: bool) -> None:
    if not pd.api.types.is_numeric_dtype(values):
        line, word = first_word(values, lines)
        raise HcutalError(
            f"{path}: column {name} holds {word!r} (line {line}); expected numbers, a column a dimension, and a "
            f"header; -o 'ignore=[{name}]' leaves it out"
        )
    numbers = values.to_numpy(dtype=np.float64)
    if np.isinf(numbers).any():
        raise HcutalError(
            f"{path}: column {name} holds infinite values; expected numbers, or nothing for gaps"
        )
    if not is_explicit and only_counts(numbers):
        raise HcutalError(
            f"{path}: column {name} only counts up ({numbers[0]:g}, {numbers[1]:g}, ... {numbers[-1]:g}). A clock: "
            f"-o time={name}; a number of the row: -o 'ignore=[{name}]'; else name the columns: -o 'columns=[...]'"
        )


def _likely(columns: pd.DataFrame, least: float) -> pd.DataFrame:
    """Places of body parts, NaN where their likelihood is below `least`; the likelihoods are no dimensions."""
    found = columns.copy()
    for name in columns:
        part, _, kind = str(name).rpartition(".")
        if kind == LIKELIHOOD:
            places = [other for other in columns if str(other).rpartition(".")[0] == part and other != name]
            found.loc[columns[name] < least, places] = np.nan
            found = found.drop(columns=name)
    return found
