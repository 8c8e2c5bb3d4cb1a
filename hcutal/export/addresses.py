"""Addresses of recordings below one folder: each its own, and as an address has to be written."""

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote


def addresses_below(files: Iterable[Path]) -> dict[Path, str]:
    """The address of each file from the deepest folder that holds them all, with `/`, percent-encoded.

    >>> list(addresses_below([Path("films/a/take 1.mp4"), Path("films/b/50%.mp4")]).values())
    ['a/take%201.mp4', 'b/50%25.mp4']
    """
    absolute = {path: path.absolute() for path in files}
    if not absolute:
        return {}
    root = os.path.commonpath([place.parent for place in absolute.values()])
    return {path: quote(Path(os.path.relpath(place, root)).as_posix()) for path, place in absolute.items()}
