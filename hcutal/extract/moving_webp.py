"""WebP: whether its pictures move, and how long each is shown, by its container, undecoded (RFC 9649)."""

from collections.abc import Iterator
from pathlib import Path

from hcutal.errors import HcutalError

SUFFIX = ".webp"
# Chunks of the container, sizes of a chunk's head and of the head of the file, the bit of a file that moves.
FEATURES, FRAME, HEAD, FILE_HEAD, MOVES = b"VP8X", b"ANMF", 8, 12, 0x02
# Where a frame says how long it is shown: three bytes, milliseconds.
DURATION = slice(12, 15)
# Players show those that say less for so long.
LEAST, LEAST_SHOWN = 0.011, 0.1


def is_moving_webp(path: Path) -> bool:
    """Whether a file is WebP with pictures that move; a file that cannot be read is none."""
    if path.suffix.lower() != SUFFIX:
        return False
    try:
        with path.open("rb") as stream:
            head = stream.read(FILE_HEAD + HEAD + 1)
    except OSError:
        return False
    kind = head[FILE_HEAD : FILE_HEAD + 4]
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP" and kind == FEATURES and bool(head[-1] & MOVES)


def picture_seconds(path: Path) -> list[float]:
    """How long each picture is shown (s); `HcutalError` where there are none that move."""
    found = [int.from_bytes(head[DURATION], "little") / 1000 for head in _frame_heads(path)]
    if not found:
        raise HcutalError(f"{path}: no WebP of pictures that move; expected a film")
    return [LEAST_SHOWN if seconds < LEAST else seconds for seconds in found]


def _frame_heads(path: Path) -> Iterator[bytes]:
    """The first bytes of each frame; what is cut off is not there."""
    try:
        with path.open("rb") as stream:
            stream.seek(FILE_HEAD)
            while len(head := stream.read(HEAD)) == HEAD:
                size = int.from_bytes(head[4:], "little")
                begin = stream.read(min(size, DURATION.stop))
                if head[:4] == FRAME and len(begin) == DURATION.stop:
                    yield begin
                # Chunks of odd sizes are filled up by a byte.
                stream.seek(size + size % 2 - len(begin), 1)
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from None
