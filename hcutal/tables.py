"""The one reader and the one writer of CSV tables: errors name file, row and column, nothing is left half-written."""

import csv
from collections.abc import Mapping, Sequence
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
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise HcutalError(f"{path}: no column {missing[0]}; found {', '.join(table.columns)}")
    wanted = {**columns, **{name: kind for name, kind in (optional or {}).items() if name in table.columns}}
    return pd.DataFrame({name: _converted(table[name], kind, path) for name, kind in wanted.items()})


def read_numbers(path: str | Path, key: str, kind: type) -> "pd.DataFrame":
    """All columns of a CSV: `key` of the type given, then the others as numbers, NaN where they are empty.

    Raises `HcutalError` as `read_table` does, and for a word among the numbers.
    """
    import pandas as pd

    names = _read_text(Path(path)).columns
    table = read_table(path, {key: kind, **{name: str for name in names if name != key}})
    for name in names.drop(key):
        numbers = pd.to_numeric(table[name], errors="coerce").astype(float)
        words = table[name][numbers.isna() & ~table[name].str.lower().isin(["", "nan"])]
        if len(words):
            raise HcutalError(f"{path}: column {name} holds {words.iloc[0]!r}; expected numbers")
        table[name] = numbers
    return table


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
    return table[(table != "").any(axis=1)].reset_index(drop=True)


def _converted(values: "pd.Series[str]", kind: type, path: str | Path) -> "pd.Series[Any]":
    import pandas as pd

    try:
        return values if kind is str else pd.Series([kind(value) for value in values], dtype=kind)
    except (ValueError, OverflowError) as error:
        expected = {int: "a whole number", float: "a number"}[kind]
        raise HcutalError(f"{path}: column {values.name}: {error}; expected {expected}") from None
