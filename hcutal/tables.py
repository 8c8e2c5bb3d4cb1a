"""The one reader and the one writer of CSV tables: errors name file, row and column, nothing is left half-written."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hcutal.errors import HcutalError
from hcutal.files import atomic_path

if TYPE_CHECKING:
    import pandas as pd


def read_table(
    path: str | Path, columns: Mapping[str, type], optional: Mapping[str, type] | None = None
) -> "pd.DataFrame":
    """Read `columns` of a CSV, converted to the types given (str, int or float); others are left out.

    Those of `optional` are read where they are there. Raises `HcutalError` when the file is missing or
    malformed, a column is missing, or a value does not fit.
    """
    # Slow to import, and commands that only look need no table.
    import pandas as pd

    table = _read_text(Path(path))
    _require(table, columns, path)
    wanted = {**columns, **{name: kind for name, kind in (optional or {}).items() if name in table.columns}}
    return pd.DataFrame({name: _converted(table[name], kind, path) for name, kind in wanted.items()})


def read_numbers(path: str | Path, key: str, kind: type) -> "pd.DataFrame":
    """All columns of a CSV: `key` of the type given, then the others as numbers, NaN where they are empty.

    Raises `HcutalError` as `read_table` does, and for a word among the numbers.
    """
    import numpy as np
    import pandas as pd

    table = _read_text(Path(path))
    _require(table, [key], path)
    columns: dict[str, Any] = {key: _converted(table[key], kind, path)}
    for name in table.columns.drop(key):
        # Without pandas' own columns, which take longer than the numbers.
        cells = table[name].to_numpy(dtype=object)
        columns[name] = pd.to_numeric(cells, errors="coerce").astype(float)
        for cell in cells[np.isnan(columns[name])]:
            if not isinstance(cell, str) or cell.lower() not in ("", "nan"):
                raise HcutalError(f"{path}: column {name} holds {cell!r}; expected numbers")
    return pd.DataFrame(columns)


def read_texts(path: str | Path) -> "pd.DataFrame":
    """All columns of a CSV as they are written; `HcutalError` when it is missing or malformed."""
    return _read_text(Path(path))


def write_table(path: str | Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write rows as CSV with the given columns, in that order; a missing or extra key is an error."""
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(columns), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            if set(row) != set(columns):
                raise ValueError(f"{path}: row has {sorted(row)}, expected {sorted(columns)}")
            writer.writerow(row)


def write_frame(path: str | Path, table: "pd.DataFrame", index: bool = False) -> None:
    """Write a data frame as CSV, with its index as the first column where that is asked for."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=index, lineterminator="\n")


def _read_text(path: Path) -> "pd.DataFrame":
    import pandas as pd
    from pandas.errors import EmptyDataError, ParserError

    try:
        # A spreadsheet puts a mark before the first column.
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise HcutalError(f"{path}: no such file") from None
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from error
    except (EmptyDataError, ParserError, UnicodeDecodeError) as error:
        raise HcutalError(f"{path}: not a CSV table ({error})") from error
    # pandas takes what is before the columns that have names for names of rows.
    if not isinstance(table.index, pd.RangeIndex):
        raise HcutalError(f"{path}: rows have more values than the header has columns; expected as many")
    # A spreadsheet leaves rows of empty cells.
    is_row = (table.to_numpy(dtype=object) != "").any(axis=1)
    return table if is_row.all() else table[is_row].reset_index(drop=True)


def _require(table: "pd.DataFrame", columns: Iterable[str], path: str | Path) -> None:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise HcutalError(f"{path}: no column {missing[0]}; found {', '.join(table.columns)}")


def _converted(values: "pd.Series[str]", kind: type, path: str | Path) -> "pd.Series[Any]":
    import pandas as pd

    try:
        return values if kind is str else pd.Series([kind(value) for value in values], dtype=kind)
    except (ValueError, OverflowError) as error:
        expected = {int: "a whole number", float: "a number"}[kind]
        raise HcutalError(f"{path}: column {values.name}: {error}; expected {expected}") from None
