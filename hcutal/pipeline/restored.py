"""What DVC restored from its cache, held against dvc.lock byte by byte.

DVC trusts read-only objects of its cache: one with a flipped byte is put into place as if it were right, and one that
is there is never written again. What a run restores is therefore read once more; a damaged object is removed, so that
it is pulled or computed again.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

DIRECTORY = ".dir"
# What DVC leaves out of the digest of an execution.
SIZES = ["size", "nfiles"]


@dataclass(frozen=True)
class Damaged:
    """An output, or a file in one, whose content is not that of its object: the MD5 by which DVC knows it."""

    path: Path
    md5: str


def damaged_outputs(entry: Mapping[str, Any]) -> list[Damaged]:
    """The outputs of an entry of dvc.lock that are not what it says; those that are missing are not damaged."""
    outs = [(Path(out["path"]), str(out["md5"])) for out in entry.get("outs", []) if "md5" in out]
    return [Damaged(path, md5) for path, md5 in outs if path.exists() and _md5(path) != md5]


def remove_damaged(found: list[Damaged]) -> list[Damaged]:
    """Remove damaged outputs, and the objects in DVC's cache that they came from; returns these, one a file."""
    cache = _cache_folder()
    objects = [each for damaged in found for each in _objects(damaged, cache)]
    for each in objects:
        _object_path(cache, each.md5).unlink(missing_ok=True)
    for damaged in found:
        shutil.rmtree(damaged.path) if damaged.path.is_dir() else damaged.path.unlink(missing_ok=True)
    return objects


def remove_damaged_objects(entry: Mapping[str, Any], lists_only: bool = False) -> list[Damaged]:
    """Remove the damaged objects of DVC's cache behind the outputs of an entry of dvc.lock; returns these.

    lists_only: only the lists of the files in folders, which are small, and without which a folder is never up to date.
    """
    outs = [(Path(out["path"]), str(out["md5"])) for out in entry.get("outs", []) if "md5" in out]
    asked = [Damaged(path, md5) for path, md5 in outs if not lists_only or md5.endswith(DIRECTORY)]
    if not asked:
        return []
    cache = _cache_folder()
    if not lists_only:
        asked += [item for each in asked for item in _listed(each, cache)]
    found = [each for each in asked if _is_damaged(_object_path(cache, each.md5), each.md5)]
    for each in found:
        # Another stage may have found the same object.
        _object_path(cache, each.md5).unlink(missing_ok=True)
    return found


def remove_damaged_run_cache() -> list[Path]:
    """Remove what DVC remembers of executions wherever it is damaged; returns the files.

    Each is a mapping whose SHA-256 is its name. One that is cut may still be YAML, and stops DVC.
    """
    # Slow to import, and only needed where something is wrong.
    from dvc.utils import dict_sha256

    def is_whole(path: Path) -> bool:
        try:
            value = YAML(typ="safe", pure=True).load(path)
            return bool(dict_sha256(value, exclude=SIZES) == path.name)
        except (YAMLError, OSError, ValueError, TypeError, AttributeError):
            return False

    found = [path for path in sorted((_cache_folder() / "runs").glob("??/*/*")) if not is_whole(path)]
    for path in found:
        path.unlink(missing_ok=True)
    return found


def _is_damaged(path: Path, md5: str) -> bool:
    return path.is_file() and _file_md5(path) != md5.removesuffix(DIRECTORY)


def _listed(damaged: Damaged, cache: Path) -> list[Damaged]:
    """The files of an output that is a folder, as its object lists them; none where that cannot be read."""
    try:
        listed = json.loads(_object_path(cache, damaged.md5).read_bytes())
        return [Damaged(damaged.path / item["relpath"], str(item["md5"])) for item in listed]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _objects(damaged: Damaged, cache: Path) -> Iterator[Damaged]:
    """The damaged objects behind an output: of a folder, its list of files or some of these."""
    if not damaged.md5.endswith(DIRECTORY):
        yield damaged
        return
    wrong = [
        each for each in _listed(damaged, cache) if not each.path.exists() or _file_md5(each.path) != each.md5
    ]
    yield from wrong or [damaged]


def _md5(path: Path) -> str:
    """The MD5 of a file, or of a folder as DVC has it: of the list of its files."""
    if not path.is_dir():
        return _file_md5(path)
    files = sorted((file.relative_to(path).parts, file) for file in path.rglob("*") if file.is_file())
    listed = [{"md5": _file_md5(file), "relpath": "/".join(parts)} for parts, file in files]
    return hashlib.md5(json.dumps(listed, sort_keys=True).encode()).hexdigest() + DIRECTORY


def _file_md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def _object_path(cache: Path, md5: str) -> Path:
    return cache / "files" / "md5" / md5[:2] / md5[2:]


def _cache_folder() -> Path:
    command = [sys.executable, "-m", "dvc", "cache", "dir"]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
