"""What a DVC that was killed, or had no room, leaves behind: removed before the next run."""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import psutil
from filelock import FileLock

from hcutal.files import atomic_path
from hcutal.layout import DVC_LOCKS, RESULTS

CACHE = Path(".dvc/cache")
# The names that dvc_objects gives to copies that are not complete: a dot and 16 random bytes.
PARTIAL = re.compile(r"\.[\w-]{22}\.tmp")
# How DVC names the processes that hold what it waits for.
HOLDER = re.compile(r"^  \(PID (\d+)\): (.*)$", re.MULTILINE)


def remove_cut_locks(say: Callable[[str], None]) -> None:
    """Remove DVC's list of its locks where a DVC that was killed left a part of it, which stops every DVC after it."""
    if not DVC_LOCKS.exists():
        return
    try:
        orjson.loads(DVC_LOCKS.read_bytes())
    except orjson.JSONDecodeError:
        say(f"{DVC_LOCKS}: cut by a process that was killed: removed")
        DVC_LOCKS.unlink()


def remove_strangers(text: str) -> list[str]:
    """Remove from DVC's list of its locks those that DVC says it waits for (`text`) and that are no DVC here.

    A DVC that was killed stays in the list. DVC asks whether there is a process of that number, which may be another
    one by now, and surely is where that DVC was on another host or in another container. Returns whom it removed.
    """
    gone = {(int(pid), command) for pid, command in HOLDER.findall(text) if not _is_dvc_here(int(pid))}

    def stays(holder: Any) -> bool:
        return (holder["pid"], holder["cmd"]) not in gone

    if not gone or not DVC_LOCKS.exists():
        return []
    # The lock under which DVC changes the list.
    with FileLock(DVC_LOCKS.with_suffix(".lock")):
        try:
            listed = orjson.loads(DVC_LOCKS.read_bytes())
            writers = {path: holder for path, holder in listed.get("write", {}).items() if stays(holder)}
            readers = {path: list(filter(stays, holders)) for path, holders in listed.get("read", {}).items()}
        except (OSError, orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
            return []
        kept = {"write": writers, "read": {path: holders for path, holders in readers.items() if holders}}
        with atomic_path(DVC_LOCKS) as temporary:
            temporary.write_bytes(orjson.dumps(kept))
    return [f"process {pid} ({command})" for pid, command in sorted(gone)]


def _is_dvc_here(pid: int) -> bool:
    """Whether a process is a DVC that works in this folder; of one that cannot be looked at, that it is."""
    try:
        process = psutil.Process(pid)
        is_dvc = any("dvc" in part for part in process.cmdline())
        return is_dvc and Path(process.cwd()).is_relative_to(Path.cwd().resolve())
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


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
