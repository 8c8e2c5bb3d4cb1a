"""Reading JSON in which every key stands once, quickly also where the file is large."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from hcutal.errors import HcutalError
from hcutal.files import parse_json, read_bytes


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for reference cycles inside of the block: among many objects that all stay it costs seconds."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_unique_json(path: str | Path) -> Any:
    """Read JSON; `HcutalError` names the file when it is missing or malformed, and a key that stands twice.

    A JSON reader keeps the last of several equal keys without a word.
    """
    with collector_paused():
        raw = read_bytes(path)
        data = parse_json(path, raw)
        # What a reader drops takes its colons along; only an escaped colon could make up for them.
        if rb"\u003" in raw or raw.count(b":") != orjson.dumps(data).count(b":"):
            _refuse_duplicates(path, raw)
    return data


def _refuse_duplicates(path: str | Path, raw: bytes) -> None:
    def check(pairs: list[tuple[str, Any]]) -> None:
        seen = set()
        for key, _ in pairs:
            if key in seen:
                raise HcutalError(
                    f"{path}: {key}: occurs twice in one object; expected each video and key once"
                )
            seen.add(key)

    try:
        json.loads(raw, object_pairs_hook=check)
    except RecursionError:
        raise HcutalError(f"{path}: is nested too deep; expected a handful of levels") from None
