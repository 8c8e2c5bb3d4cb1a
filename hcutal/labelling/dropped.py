"""labels/<run>.dropped.csv: recordings that a person does not want."""

from collections.abc import Iterable
from pathlib import Path

from hcutal.tables import read_table, write_table

COLUMN = "recording"


def read_dropped(path: Path) -> list[str]:
    """Their names, sorted; none without the file."""
    return sorted(set(read_table(path, {COLUMN: str})[COLUMN])) if path.exists() else []


def write_dropped(path: Path, recordings: Iterable[str]) -> None:
    """Write the table, a row a recording."""
    write_table(path, [{COLUMN: name} for name in sorted(set(recordings))], [COLUMN])
