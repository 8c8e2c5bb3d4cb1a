"""Tables of numbers as people have them: separator, decimal sign and header by rules that are told.

The rules, in their order:

- encoding: what a mark at the start says, else UTF-8, else Windows-1252;
- lines that begin with # are no rows; the last of them may name the columns;
- separator: the first of tab, semicolon, bar and comma that is in the first line of the table, else blanks;
- decimal sign: a comma where the separator is another sign and a number is written so, else a point;
- header: the first line, unless it holds numbers; numbers that only count three columns or more are names. Three or
  four lines where it is DeepLabCut's;
- each line has as many values as there are columns, or it is an error.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hcutal.data.meeting import plain
from hcutal.errors import HcutalError
from hcutal.params.extractors import VectorFeatures

SEPARATORS = {"tab": "\t", "semicolon": ";", "bar": "|", "comma": ",", "blank": " "}
DECIMALS = {"point": ".", "comma": ","}
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
MISSING = ["", "nan", "na", "n/a", "null", "none", "-"]
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE)
WITH_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
# Lines that the rules look at.
LOOKED_AT = 50
SCORER, LIKELIHOOD = "scorer", "likelihood"
Lines = list[tuple[int, str]]


@dataclass(frozen=True)
class TableForm:
    """How a table is written.

    Attributes:
        encoding: of its text.
        separator: between values.
        decimal: before the decimals.
        names: of its columns, each once; "1", "2" and so on where there is no header.
        header: lines of the header; 0 where there is none.
        is_pose: whether it is DeepLabCut's.
        in_comment: whether a comment names the columns.
    """

    encoding: str
    separator: str
    decimal: str
    names: tuple[str, ...]
    header: int
    is_pose: bool = False
    in_comment: bool = False

    @property
    def text(self) -> str:
        """The form in words."""
        sign = next(name for name, sign in SEPARATORS.items() if sign == self.separator)
        head = {0: "no header (columns are called 1, 2, ...)", 1: "a header"}
        parts = [
            "DeepLabCut's table"
            if self.is_pose
            else "names in a comment"
            if self.in_comment
            else head[self.header],
            f"separator {sign}",
            *(["decimal comma"] if self.decimal == "," else []),
            *([] if self.encoding.startswith("utf-8") else [self.encoding]),
        ]
        return ", ".join(parts)


@dataclass(frozen=True)
class NumberTable:
    """The columns of a table: of numbers, NaN where a value is missing, or of text; lines: where each row stands."""

    form: TableForm
    columns: pd.DataFrame
    lines: Sequence[int]


def read_form(path: Path, params: VectorFeatures) -> TableForm:
    """How a table is written; `HcutalError` for a file that holds none."""
    return _form(path, *_lines(path), params)


def read_number_table(path: Path, params: VectorFeatures) -> NumberTable:
    """Read a table in full; `HcutalError` says in which line it is none."""
    encoding, lines, comment = _lines(path)
    form = _form(path, encoding, lines, comment, params)
    rows = lines[form.header :]
    if not rows:
        raise HcutalError(f"{path}: no row; expected numbers, a column a dimension")
    _check_widths(path, form, lines)
    text = "\n".join(line for _, line in rows)
    try:
        table = _parsed(text, form)
    except ValueError as error:
        raise HcutalError(f"{path}: not a CSV table ({error})") from None
    # Whole numbers beyond 64 bits are no numbers for the parser.
    table = table.apply(lambda column: _as_numbers(column) if column.dtype == object else column)
    table.columns = pd.Index(form.names)
    # A spreadsheet leaves rows of empty cells, and columns without a name.
    filled = table.notna().any(axis=1).to_numpy()
    if not filled.any():
        raise HcutalError(f"{path}: no row with a value; expected numbers, a column a dimension")
    last = int(np.flatnonzero(filled)[-1]) + 1
    unnamed = [name for name in form.names if name.startswith("unnamed ") and table[name].isna().all()]
    return NumberTable(form, table.iloc[:last].drop(columns=unnamed), [number for number, _ in rows][:last])


def _as_numbers(values: "pd.Series[Any]") -> "pd.Series[Any]":
    numbers = _numeric(values)
    return numbers.astype(np.float64) if numbers.notna().equals(values.notna()) else values


def _numeric(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """The numbers among values, NaN for all others."""
    try:
        return pd.to_numeric(values, errors="coerce")
    except OverflowError:
        # Whole numbers beyond floating point; as text they are infinite.
        return pd.to_numeric(values.where(values.isna(), values.astype(str)), errors="coerce")


def _parsed(text: str, form: TableForm) -> pd.DataFrame:
    return pd.read_csv(
        io.StringIO(text),
        sep=r"\s+" if form.separator == " " else form.separator,
        decimal=form.decimal,
        header=None,
        usecols=range(len(form.names)),
        na_values=[*MISSING, *map(str.upper, MISSING), "NaN", "None", "Null"],
        keep_default_na=False,
        skipinitialspace=True,
        low_memory=False,
    )


def first_word(values: "pd.Series[Any]", lines: Sequence[int]) -> tuple[int, object]:
    """The line and the value of the first one of a column that is no number."""
    is_word = (_numeric(values).isna() & values.notna()).to_numpy()
    place = int(np.flatnonzero(is_word)[0])
    return lines[place], values.iloc[place]


def _lines(path: Path) -> tuple[str, Lines, str]:
    """The encoding, the lines that hold something, with their numbers, and the last comment before them."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from None
    encoding = next((name for mark, name in MARKS.items() if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = raw.decode(encoding, errors="replace")
    if "\0" in text:
        raise HcutalError(f"{path}: not a CSV table (it holds zero bytes); expected text")
    filled = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    lines = [(number, line) for number, line in filled if not line.startswith("#")]
    if not lines:
        raise HcutalError(f"{path}: not a CSV table (it is empty); expected numbers, a column a dimension")
    before = [line for number, line in filled if number < lines[0][0]]
    return encoding, lines, before[-1].lstrip("#").strip() if before else ""


def _form(path: Path, encoding: str, lines: Lines, comment: str, params: VectorFeatures) -> TableForm:
    first = lines[0][1]
    # Blanks around the names are none of the separators.
    signs = [sign for name, sign in SEPARATORS.items() if name != "blank" and sign in first]
    separator = SEPARATORS[params.separator] if params.separator else next(iter(signs), " ")
    rows = [_cells(line, separator) for _, line in lines[:LOOKED_AT]]
    decimal = DECIMALS[params.decimal] if params.decimal else _decimal(path, rows, separator)
    if rows[0][0].strip().lower() == SCORER:
        return TableForm(encoding, separator, decimal, *_pose_names(path, rows), is_pose=True)
    cells = [plain(cell) for cell in rows[0]]
    numbers = [cell for cell in cells if _is_number(cell, decimal)]
    counted = [[str(start + place) for place in range(len(numbers))] for start in (0, 1)]
    has_header = not numbers or (len(numbers) > 2 and numbers in counted)
    said = [plain(cell) for cell in _cells(comment, separator)] if comment else []
    is_said = len(said) == len(cells) and not any(_is_number(cell, decimal) for cell in said)
    if not has_header and is_said:
        return TableForm(encoding, separator, decimal, tuple(_distinct(said)), 0, in_comment=True)
    names = cells if has_header else [str(place) for place in range(1, len(cells) + 1)]
    return TableForm(encoding, separator, decimal, tuple(_distinct(names)), int(has_header))


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [""])


def _decimal(path: Path, rows: Sequence[Sequence[str]], separator: str) -> str:
    if separator == ",":
        return "."
    cells = [cell.strip() for row in rows for cell in row]
    comma = next((cell for cell in cells if WITH_COMMA.fullmatch(cell)), None)
    point = next((cell for cell in cells if "." in cell and NUMBER.fullmatch(cell)), None)
    if comma and point:
        raise HcutalError(
            f"{path}: holds {comma!r} and {point!r}; expected one decimal sign, or which it is: -o decimal=comma"
        )
    return "," if comma else "."


def _is_number(cell: str, decimal: str) -> bool:
    return bool(NUMBER.fullmatch(cell.replace(decimal, ".")))


def _distinct(names: Sequence[str]) -> Iterator[str]:
    """The names; a second one of the same name gets a number, one that is empty a name of its own."""
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        name = name or f"unnamed {place}"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}.{seen[name]}"


def _pose_names(path: Path, rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], int]:
    """The names of DeepLabCut's columns, `part.x` or `animal.part.x`, and the number of lines that say them.

    The lines are called scorer, bodyparts and coords, with individuals before bodyparts for several animals.
    """
    kinds = [row[0].strip().lower() for row in rows[:4]]
    if "coords" not in kinds:
        raise HcutalError(
            f"{path}: first column is {', '.join(kinds)}; expected DeepLabCut's scorer, bodyparts, coords"
        )
    header = kinds.index("coords") + 1
    said = [
        row for kind, row in zip(kinds, rows, strict=False) if kind in ("individuals", "bodyparts", "coords")
    ]
    width = max(map(len, said))
    if any(len(row) != width for row in said):
        raise HcutalError(
            f"{path}: lines of the header have {', '.join(str(len(row)) for row in said)} values"
        )
    names = [".".join(plain(row[place]) for row in said) for place in range(1, width)]
    return ("frame", *_distinct(names)), header


def _check_widths(path: Path, form: TableForm, lines: Lines) -> None:
    """Raise `HcutalError` for the first line with more or fewer values than there are columns."""
    wanted = len(form.names)
    is_quoted = any('"' in line for _, line in lines)
    rows = lines[form.header :]
    widths = [
        len(_cells(line, form.separator))
        if is_quoted or form.separator == " "
        else line.count(form.separator) + 1
        for _, line in rows
    ]
    # A separator at the end of every line closes it.
    if all(width == wanted + 1 for width in widths) and all(
        line.rstrip().endswith(form.separator) for _, line in rows
    ):
        return
    for (number, _), width in zip(rows, widths, strict=True):
        if width != wanted:
            of = f"line {lines[form.header - 1][0]} names" if form.header else "the first line has"
            hint = "; a decimal comma needs another separator" if form.separator == "," else ""
            raise HcutalError(f"{path}: line {number}: {width} values; {of} {wanted}{hint}")
