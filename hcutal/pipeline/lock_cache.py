"""Entries of dvc.lock as they were parsed before, each known by its text: with 200 experiments that saves seconds."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from hcutal.files import atomic_path

Parse = Callable[[Iterable[str]], Mapping[str, Any]]


def parsed_entries(
    texts: Mapping[str, str], parse: Parse, path: Path, parser: str, is_whole: bool
) -> dict[str, Any]:
    """The values of entries by the names of their stages.

    texts: the text of each by its name; parse: gives the values of those that are named, by name; path: the file of
    what was parsed before; parser: what tells the parser from others, such as its version; is_whole: whether these are
    all entries: the file is then written anew where they are not those that it has.
    """
    digests = {name: _sha256(text.encode()) for name, text in texts.items()}
    known = _read(path, parser)
    new = [name for name, digest in digests.items() if digest not in known]
    made = parse(new) if new else {}
    found = {name: made[name] if name in made else known[digest] for name, digest in digests.items()}
    if new and is_whole:
        _write(path, parser, {digests[name]: value for name, value in found.items() if _is_json(value)})
    return found


def _is_json(value: Any) -> bool:
    """Whether a value comes back from JSON as it was: not so NaN, dates, keys that are no text."""
    try:
        return bool(orjson.loads(orjson.dumps(value)) == value)
    except (TypeError, ValueError):
        return False


def _read(path: Path, parser: str) -> dict[str, Any]:
    """What was parsed before, by the digest of its text; nothing of another parser, or where the file was damaged."""
    try:
        digest, _, content = path.read_bytes().partition(b"\n")
        if digest.decode() != _sha256(content):
            return {}
        before, known = orjson.loads(content)
    except (OSError, ValueError, TypeError):
        return {}
    return known if before == parser else {}


def _write(path: Path, parser: str, known: Mapping[str, Any]) -> None:
    content = orjson.dumps([parser, known])
    # Without room for it, or the right to write, they are parsed again the next time.
    with suppress(OSError), atomic_path(path) as temporary:
        temporary.write_bytes(_sha256(content).encode() + b"\n" + content)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
