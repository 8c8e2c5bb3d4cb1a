"""Writing files so that nothing half-written is ever left behind."""

import csv
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from hcutal.errors import HcutalError


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary path in the same folder, renamed to `path` when the block ends without an error.

    The block may make a file or a folder there. What stood at `path` before is replaced.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    holder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        temporary = holder / target.name
        yield temporary
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        temporary.replace(target)
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def write_json(path: str | Path, value: Any) -> None:
    """Write indented JSON with sorted keys: the same value gives the same bytes. NaN becomes null."""
    options = (
        orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
    )
    with atomic_path(path) as temporary:
        temporary.write_bytes(orjson.dumps(value, option=options))


def read_json(path: str | Path) -> Any:
    """Read JSON; `HcutalError` names the file when it is missing or malformed."""
    try:
        return orjson.loads(Path(path).read_bytes())
    except FileNotFoundError:
        raise HcutalError(f"{path}: no such file") from None
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from error
    except orjson.JSONDecodeError as error:
        raise HcutalError(f"{path}: not valid JSON ({error})") from error


def sha256(path: str | Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_csv(path: str | Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write rows as CSV with the given columns, in that order; a missing or extra key is an error."""
    with atomic_path(path) as temporary, temporary.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(columns), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            if set(row) != set(columns):
                raise ValueError(f"{path}: row has {sorted(row)}, expected {sorted(columns)}")
            writer.writerow(row)
