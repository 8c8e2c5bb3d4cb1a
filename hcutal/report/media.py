"""Where the page finds a recording that it does not contain."""

import os
from pathlib import Path
from urllib.parse import quote


def address(media: Path, page: Path) -> str:
    """The address of a file from a page in the folder `page`.

    Relative where the file lies in the project (the present folder), so that a project can be moved; else absolute.
    """
    path = media.absolute()
    if path.is_relative_to(Path.cwd()):
        return quote(Path(os.path.relpath(path, page)).as_posix())
    return path.as_uri()


def fragment(start: float, end: float) -> str:
    """What stands behind an address for the part from `start` to `end`, in seconds (W3C Media Fragments)."""
    return f"#t={start:.2f},{end:.2f}"
