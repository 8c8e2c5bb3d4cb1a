"""Ground truth and predictions given as tables or arrays, checked before they are judged."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.errors import HcutalError

# A DataFrame, a structured array, or a mapping of column names to arrays.
Table = pd.DataFrame | npt.NDArray[Any] | Mapping[str, Any]
NAMES = ("video", "label")
GROUND_TRUTH = ("video", "start", "end", "label")
PREDICTIONS = (*GROUND_TRUTH, "score")


def ground_truth_table(value: Table) -> pd.DataFrame:
    """Instances with the columns video, start, end, label; `HcutalError` names the column and the row.

    >>> ground_truth_table({"video": [7], "start": [0], "end": [2.5], "label": ["run"]}).to_dict("records")
    [{'video': '7', 'start': 0.0, 'end': 2.5, 'label': 'run'}]
    """
    return _checked(value, GROUND_TRUTH, "ground truth")


def prediction_table(value: Table) -> pd.DataFrame:
    """Predictions with the columns video, start, end, label, score; `HcutalError` names column and row."""
    return _checked(value, PREDICTIONS, "predictions")


def _checked(value: Table, columns: Sequence[str], what: str) -> pd.DataFrame:
    try:
        table = pd.DataFrame(value)
    except ValueError as error:
        raise HcutalError(f"{what}: cannot be read as a table ({error})") from error
    missing = [column for column in columns if column not in table]
    if missing:
        raise HcutalError(
            f"{what}: no column {', '.join(missing)}; there is {', '.join(map(str, table.columns)) or 'none'}, "
            f"expected {', '.join(columns)}"
        )
    checked = pd.DataFrame(
        {
            column: _names(table[column], what) if column in NAMES else _numbers(table[column], what)
            for column in columns
        }
    )
    backwards = (checked["end"] < checked["start"]).to_numpy()
    if backwards.any():
        row = int(backwards.argmax())
        start, end = checked["start"].iat[row], checked["end"].iat[row]
        raise HcutalError(f"{what}: row {row}: ends at {end:g} s, before its start at {start:g} s")
    return checked


def _names(values: "pd.Series[Any]", what: str) -> "pd.Series[Any]":
    """Strings, plain or categorical; integers become strings."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        kinds = set(map(type, values.cat.categories)) | ({type(None)} if values.isna().any() else set())
    else:
        kinds = set(map(type, values.tolist()))
    if kinds == {int}:
        return values.astype(str).reset_index(drop=True)
    if kinds - {str}:
        row = next(row for row, value in enumerate(values.tolist()) if type(value) is not str)
        raise HcutalError(
            f"{what}: row {row}: {values.name} is {values.iloc[row]!r}; expected a name, or integers throughout"
        )
    return values.reset_index(drop=True)


def _numbers(values: "pd.Series[Any]", what: str) -> "pd.Series[float]":
    if not pd.api.types.is_numeric_dtype(values) and len(values):
        raise HcutalError(f"{what}: {values.name} is of type {values.dtype}; expected numbers")
    numbers = values.astype(np.float64).reset_index(drop=True)
    bad = ~np.isfinite(numbers.to_numpy())
    if bad.any():
        row = int(bad.argmax())
        raise HcutalError(f"{what}: row {row}: {values.name} is {numbers.iat[row]}; expected a finite number")
    return numbers
