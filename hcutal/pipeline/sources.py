"""Raw data outside of the project, as a dependency: a digest of its content for each data set.

sources.json holds the digests; the stage `prepare` of a data set depends on its own. A file is read once: its digest is
kept beside its size and time of change. Raw data that is not there (on another disk, or with a colleague) is
taken for unchanged, so that the results that exist can be used.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from tqdm import tqdm

from hcutal.files import content_digest, write_json
from hcutal.layout import HASHES

BUILT_IN = "built-in"


def source_digests(datasets: Mapping[str, Mapping[str, Any]], root: Path) -> dict[str, str | None]:
    """The digest of the raw data of each data set; None where it is not there.

    datasets: `kind` and `source` by name, as resolved; root: the project's folder, which keeps known digests.
    """
    known = _read_known(root / HASHES)
    seen: dict[str, Any] = {}
    digests: dict[str, str | None] = {}
    for name, dataset in datasets.items():
        source = dataset["source"]
        digests[name] = BUILT_IN if source is None else _tree_digest(root / source, known, seen)
    if seen != known:
        write_json(root / HASHES, seen)
    return digests


def _tree_digest(source: Path, known: Mapping[str, Any], seen: dict[str, Any]) -> str | None:
    """The digest of names and contents below a folder, hidden files left out; `seen` is filled with those of files."""
    if not source.is_dir():
        return None
    digest = hashlib.sha256()
    files = sorted(path for path in source.rglob("*") if path.is_file() and not _is_hidden(path, source))
    waiting = [path for path in files if _known_digest(path, known) is None]
    with tqdm(
        total=len(waiting), desc=f"reading {source}", unit="file", disable=None if waiting else True
    ) as bar:
        for path in files:
            found = _known_digest(path, known)
            if found is None:
                found = content_digest(path)
                bar.update()
            seen[str(path)] = [*_stamp(path), found]
            digest.update(f"{path.relative_to(source)} {found}\n".encode())
    return digest.hexdigest()


def _is_hidden(path: Path, source: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(source).parts)


def _stamp(path: Path) -> list[int]:
    state = path.stat()
    return [state.st_size, state.st_mtime_ns]


def _known_digest(path: Path, known: Mapping[str, Any]) -> str | None:
    entry = known.get(str(path))
    return entry[2] if entry and entry[:2] == _stamp(path) else None


def _read_known(path: Path) -> dict[str, Any]:
    """What an earlier run knew; it can be made anew, so that a damaged file is none."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
