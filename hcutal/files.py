"""Reading and writing files so that nothing half-written is ever left behind."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from hcutal.errors import HcutalError

# Linux: make one file's blocks those of another (linux/fs.h).
FICLONE = 0x40049409
# The folders in which something is being made.
_open: set[Path] = set()


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary path in the same folder, renamed to `path` when the block ends without an error.

    The block may make a file or a folder there. What stood at `path` before is replaced. A path inside of a folder
    that such a block is making is written as it is: it comes, or goes, with the folder.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not _open.isdisjoint(target.parents):
        yield target
        return
    holder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    _open.add(holder)
    try:
        temporary = holder / target.name
        yield temporary
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        _settle(temporary)
        temporary.replace(target)
        _settle(target.parent)
    finally:
        _open.discard(holder)
        shutil.rmtree(holder, ignore_errors=True)


def _settle(path: Path) -> None:
    """Let what was written reach the disk before the next step: after a power cut a file is whole, old or new."""
    # A folder's files were written by others and are many; its own entry is enough.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clone(source: Path, target: Path) -> None:
    """A copy of a file that shares no content with it that either could change.

    Where the file system can (Btrfs, XFS), both share their blocks until one of them is written to.
    """
    with source.open("rb") as given, target.open("wb") as made:
        try:
            fcntl.ioctl(made.fileno(), FICLONE, given.fileno())
        except OSError:
            shutil.copyfileobj(given, made, length=1 << 20)


def is_file(path: Path) -> bool:
    """Whether there is a file; what cannot be looked at counts as one: whoever reads it says what is wrong."""
    try:
        return path.is_file()
    except OSError:
        # In a folder that may be listed, but not entered.
        return True


def is_utf8(path: str | Path) -> bool:
    """Whether a path can be written into a table or JSON: on Linux, a name may be any bytes."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def write_json(path: str | Path, value: Any) -> None:
    """Write indented JSON with sorted keys: the same value gives the same bytes. NaN becomes null."""
    options = (
        orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
    )
    with atomic_path(path) as temporary:
        temporary.write_bytes(orjson.dumps(value, option=options))


def read_json(path: str | Path) -> Any:
    """Read JSON; `HcutalError` names the file when it is missing or malformed."""
    return parse_json(path, read_bytes(path))


def read_bytes(path: str | Path) -> bytes:
    """The content of a file; `HcutalError` names it when it is missing or cannot be read."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise HcutalError(f"{path}: no such file") from None
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from error


def parse_json(path: str | Path, raw: bytes) -> Any:
    """The value of the JSON that stands in a file; `HcutalError` names the file when it is malformed."""
    try:
        return orjson.loads(raw)
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise HcutalError(f"{path}: not valid JSON ({error})") from error


def sha256(path: str | Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits; `HcutalError` where it cannot be read."""
    return _file_digest(Path(path), hashlib.sha256)


def content_digest(path: str | Path) -> str:
    """BLAKE2b of a file's content, 32 hexadecimal digits: quicker than SHA-256, for large recordings.

    Of a folder: of the names and contents of its files. Raises `HcutalError` where something cannot be read.
    """
    place = Path(path)
    if place.is_dir():
        return folder_digest({file.name: content_digest(file) for file in files_in(place)})
    return _file_digest(place, lambda: hashlib.blake2b(digest_size=16))


def files_in(folder: Path) -> list[Path]:
    """The files in a folder itself, hidden ones aside, sorted."""
    return sorted(path for path in folder.iterdir() if is_file(path) and not path.name.startswith("."))


def folder_digest(contents: Mapping[str, str]) -> str:
    """The digest of a folder, of those of its files by name: 32 hexadecimal digits."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(contents.items()))
    return hashlib.blake2b(lines.encode(errors="surrogateescape"), digest_size=16).hexdigest()


def _file_digest(path: Path, kind: Any) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, kind).hexdigest()
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from error
    # A name from a table may hold what no name of a file can.
    except ValueError as error:
        raise HcutalError(f"{str(path)!r}: cannot be read ({error})") from error


def json_digest(value: Any) -> str:
    """SHA-256 of `value` as JSON with sorted keys."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
