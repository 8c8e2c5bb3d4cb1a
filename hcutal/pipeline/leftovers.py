"""What a DVC that was killed, or had no room, leaves behind: removed before the next run."""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from hcutal.layout import DVC_LOCKS, RESULTS

CACHE = Path(".dvc/cache")
# The names that dvc_objects gives to copies that are not complete: a dot and 16 random bytes.
PARTIAL = re.compile(r"\.[\w-]{22}\.tmp")


def remove_cut_locks(say: Callable[[str], None]) -> None:
    """Remove DVC's list of its locks where a DVC that was killed left a part of it, which stops every DVC after it."""
    if not DVC_LOCKS.exists():
        return
    try:
        orjson.loads(DVC_LOCKS.read_bytes())
    except orjson.JSONDecodeError:
        say(f"{DVC_LOCKS}: cut by a process that was killed: removed")
        DVC_LOCKS.unlink()


def remove_partial_copies() -> list[Path]:
    """Remove copies that DVC began and did not end, among the results and in its cache; no DVC may be running."""
    removed = []
    for path in _files():
        if PARTIAL.fullmatch(path.name):
            # Another machine that shares the cache may have been quicker.
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                removed.append(path)
    return removed


def _files() -> Iterator[Path]:
    for folder in (RESULTS, CACHE / "runs", CACHE / "files" / "md5"):
        yield from folder.rglob(".*.tmp")
