"""Reading the small CSV tables that stages pass on, with errors that name file, row and column."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from hcutal.errors import HcutalError


def read_table(path: str | Path, columns: Mapping[str, type]) -> pd.DataFrame:
    """Read `columns` of a CSV, converted to the types given (str, int or float); others are left out.

    Raises `HcutalError` when the file is missing or malformed, a column is missing, or a value does not fit.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise HcutalError(f"{path}: no such file") from None
    except (EmptyDataError, ParserError, UnicodeDecodeError) as error:
        raise HcutalError(f"{path}: not a CSV table ({error})") from error
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise HcutalError(f"{path}: no column {missing[0]}; found {', '.join(table.columns)}")
    return pd.DataFrame({name: _converted(table[name], kind, path) for name, kind in columns.items()})


def _converted(values: "pd.Series[str]", kind: type, path: str | Path) -> pd.Series:
    try:
        return values if kind is str else pd.Series([kind(value) for value in values], dtype=kind)
    except ValueError as error:
        expected = {int: "a whole number", float: "a number"}[kind]
        raise HcutalError(f"{path}: column {values.name}: {error}; expected {expected}") from None
