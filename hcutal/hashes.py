"""Digests of the contents of large files, read once: kept beside size and time of change."""

from pathlib import Path
from typing import Any

import orjson

from hcutal.errors import HcutalError
from hcutal.files import content_digest, files_in, folder_digest, is_utf8, write_json
from hcutal.layout import HASHES

UNREADABLE = "unreadable"


class KnownDigests:
    """Digests of files as an earlier call left them in a project; `save` keeps what was asked for since.

    A file whose size and time of change are what they were is not read again.
    """

    def __init__(self, root: Path = Path()) -> None:
        """Read what the project at `root` knows; a damaged file is as good as none, since all can be made anew."""
        self._path = root / HASHES
        try:
            found = orjson.loads(self._path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            found = {}
        self._known: dict[str, Any] = found if isinstance(found, dict) else {}
        self._changed = False

    def is_known(self, path: Path) -> bool:
        """Whether the digest can be given without reading the file."""
        entry = self._known.get(str(path))
        return isinstance(entry, list) and entry[:2] == _stamp(path)

    def of(self, path: Path) -> str:
        """BLAKE2b of the content, in hexadecimal digits; of a file that cannot be read, that it cannot.

        Whoever reads the file for what it holds says what is wrong with it. Of a folder: of the files in it.
        """
        if path.is_dir():
            return folder_digest({file.name: self.of(file) for file in files_in(path)})
        if not self.is_known(path):
            # The stamp first: a file that changes while it is read is read again the next time.
            stamp = _stamp(path)
            try:
                self._known[str(path)] = [*stamp, content_digest(path)]
            except HcutalError:
                return UNREADABLE
            self._changed = True
        return str(self._known[str(path)][2])

    def save(self) -> None:
        """Keep all digests whose files are still there."""
        if self._changed:
            # A name that is no UTF-8 has no place in JSON: its file is read again.
            kept = {
                path: entry for path, entry in self._known.items() if is_utf8(path) and Path(path).exists()
            }
            write_json(self._path, kept)
            self._changed = False


def _stamp(path: Path) -> list[int]:
    try:
        state = path.stat()
    except OSError:
        return [-1, -1]
    return [state.st_size, state.st_mtime_ns]
