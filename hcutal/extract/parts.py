"""A recording's features kept in parts while they are made: an interrupted extraction goes on in its midst."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from hcutal.errors import HcutalError
from hcutal.extract.extractor import Array, Resumable
from hcutal.files import atomic_path

# How much work an interruption may cost at most, beside the snippets in hand.
SECONDS = 10.0
DIGEST_BYTES = 32


class Growing:
    """Features [T, D] of each stream that grow snippet by snippet: one block a stream, not many small ones."""

    def __init__(self) -> None:
        """No snippet yet; the first ones say which streams there are."""
        self._blocks: dict[str, bytearray] = {}
        self._forms: dict[str, tuple[np.dtype[np.floating], int]] = {}
        self._length = 0

    def __len__(self) -> int:
        """T: how many snippets there are."""
        return self._length

    def add(self, streams: Mapping[str, Array]) -> None:
        """Add snippets [n, D] of each stream.

        Raises:
            HcutalError: when streams, their sizes or kinds of numbers are not those of the snippets before, n differs
                between streams, or a value is not finite.
        """
        forms = {name: (array.dtype, array.shape[1]) for name, array in streams.items()}
        lengths = {len(array) for array in streams.values()}
        self._forms = self._forms or forms
        if forms != self._forms or len(lengths) != 1:
            raise HcutalError(
                f"snippets from {self._length} on: {forms} of {sorted(lengths)} snippets; "
                f"expected {self._forms}, as many of each"
            )
        check_finite(streams)
        for name, array in streams.items():
            self._blocks.setdefault(name, bytearray()).extend(np.ascontiguousarray(array).data.cast("B"))
        self._length += lengths.pop()

    def rows(self, start: int = 0) -> dict[str, Array]:
        """Features from snippet `start` on; nothing can be added while they are held."""
        return {
            name: np.frombuffer(block, dtype=self._forms[name][0]).reshape(-1, self._forms[name][1])[start:]
            for name, block in self._blocks.items()
        }


class Parts:
    """Runs of snippets in a folder: `<first snippet>.part` begins with a digest of all that it stands for."""

    def __init__(self, folder: Path, of: str) -> None:
        """`of` names what the features depend on: a part of something else is not used."""
        self.folder = folder
        self._of = of

    def read(self) -> Iterator[dict[str, Array]]:
        """The parts in order, as far as they are whole and join; all others are removed."""
        count, used = 0, set[Path]()
        while (part := self._read_one(count)) is not None:
            yield part
            used.add(self._path(count))
            count += len(next(iter(part.values())))
        for path in set(self.folder.glob("*.part")) - used:
            path.unlink(missing_ok=True)

    def write(self, start: int, streams: Mapping[str, Array]) -> None:
        """Keep the features of the snippets from `start` on."""
        content = save({name: np.ascontiguousarray(array) for name, array in streams.items()})
        # The folder goes where a copy of the recording, in work elsewhere at the same time, is done before.
        with suppress(FileNotFoundError), atomic_path(self._path(start)) as temporary:
            temporary.write_bytes(self._digest(start, content) + content)

    def remove(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read_one(self, start: int) -> dict[str, Array] | None:
        try:
            found = self._path(start).read_bytes()
            digest, content = found[:DIGEST_BYTES], found[DIGEST_BYTES:]
            return dict(sorted(load(content).items())) if digest == self._digest(start, content) else None
        except (OSError, SafetensorError):
            return None

    def _path(self, start: int) -> Path:
        return self.folder / f"{start:08d}.part"

    def _digest(self, start: int, content: bytes) -> bytes:
        return hashlib.blake2b(f"{self._of} {start}\n".encode() + content, digest_size=DIGEST_BYTES).digest()


def extract_in_parts(
    extractor: Resumable, path: Path, parts: Parts, on_snippets: Callable[[int], None]
) -> dict[str, Array]:
    """Features [T, D] of each stream, the same bytes wherever an earlier call was interrupted.

    What is made is kept in `parts` every `SECONDS`; `on_snippets` is told how many snippets there are. `HcutalError`
    says why there are no features.
    """
    found = Growing()
    for part in parts.read():
        found.add(part)
    kept, moment = len(found), time.monotonic()
    on_snippets(kept)
    with closing(extractor.extract_from(path, kept)) as pieces:
        for piece in pieces:
            found.add(piece)
            if time.monotonic() - moment >= SECONDS:
                parts.write(kept, found.rows(kept))
                kept, moment = len(found), time.monotonic()
            on_snippets(len(found))
    if not len(found):
        raise HcutalError(f"{path}: no snippet; expected one or more")
    return found.rows()


def check_finite(streams: Mapping[str, Array]) -> None:
    """Raise `HcutalError` where a feature is NaN or infinite."""
    for stream, array in streams.items():
        if not np.isfinite(array).all():
            raise HcutalError(f"{stream}: NaN or infinite feature values; expected finite numbers")
