"""Recordings that a page does not contain: which of them a browser plays, and where it finds them."""

import os
from pathlib import Path
from urllib.parse import quote

# What browsers play, if they know the codec inside; the player says so where they do not.
PLAYABLE = frozenset({".m4v", ".mov", ".mp4", ".ogv", ".webm"})


def playable_address(media: Path | None, page: Path, preview: Path | None = None) -> str | None:
    """The address of a recording, or of its preview, from a page in the folder `page`; None where none is played."""
    if preview is not None:
        return address(preview, page)
    return address(media, page) if media is not None and media.suffix.lower() in PLAYABLE else None


def address(media: Path, page: Path) -> str:
    """The address of a file from a page in the folder `page`.

    Relative where the file lies beside the page, in the project (the present folder) or is named from there, so that
    both can be moved; else absolute.
    """
    if not media.is_absolute() or media.is_relative_to(Path.cwd()) or media.is_relative_to(page):
        return quote(Path(os.path.relpath(media, page)).as_posix())
    return media.as_uri()


def fragment(start: float, end: float) -> str:
    """What stands behind an address for the part from `start` to `end`, in seconds (W3C Media Fragments)."""
    return f"#t={start:.2f},{end:.2f}"
