"""What a recording holds, drawn in characters: a line a column, from the least to the greatest value of each span."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from hcutal.extract.extractor import RawSignals

# Columns that are drawn, characters of a line, and of a name.
MOST, WIDTH, NAME = 8, 56, 20
# A character of Braille is two spans of four dots from the top down; these are the bits of its left and right dots.
BRAILLE, LEFT, RIGHT = 0x2800, (0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80)
DOTS = len(LEFT)
# Without Braille: low, middling and high spans, and those that reach over more than half of the height.
PLAIN, WIDE = "_-^", "|"

Floats = npt.NDArray[np.float64]


def small_picture(signals: RawSignals, encoding: str = "utf-8") -> Iterator[str]:
    """Lines with name, picture and range of the first columns of a recording; each has a scale of its own.

    encoding: of what the lines are written to; where it has no Braille, the picture is of ASCII.

    >>> list(small_picture(RawSignals(["x"], np.arange(112.0)[:, None], 10.0), "ascii"))[0][:31]
    'x  ___________________---------'
    """
    values = np.asarray(signals.values, dtype=np.float64)
    draw = _braille if _has_braille(encoding) else _plain
    names = [_short(str(name)) for name in signals.names[:MOST]]
    wide = max(map(len, names), default=0)
    for name, column in zip(names, values.T, strict=False):
        low, high = column.min(), column.max()
        yield f"{name:{wide}}  {draw(_spans(column, low, high))}  {low:.4g} to {high:.4g}"
    if len(signals.names) > MOST:
        yield f"and {len(signals.names) - MOST} more columns"


def _spans(column: Floats, low: float, high: float) -> Floats:
    """The least and the greatest value [2, spans] of values [n], as shares of the way from `low` to `high`."""
    shares = (column - low) / (high - low) if high > low else np.full_like(column, 0.5)
    count = min(2 * WIDTH, len(column))
    first = np.linspace(0, len(column), count + 1).astype(np.intp)[:-1]
    return np.stack([np.minimum.reduceat(shares, first), np.maximum.reduceat(shares, first)])


def _braille(spans: Floats) -> str:
    low, high = np.minimum((spans * DOTS).astype(int), DOTS - 1).tolist()
    masks = [range(DOTS - 1 - top, DOTS - bottom) for bottom, top in zip(low, high, strict=True)]
    cells = zip(masks[::2], [*masks[1::2], *([range(0)] * (len(masks) % 2))], strict=True)
    return "".join(
        chr(BRAILLE + sum(LEFT[dot] for dot in left) + sum(RIGHT[dot] for dot in right))
        for left, right in cells
    )


def _plain(spans: Floats) -> str:
    low, high = spans[:, ::2]
    middle = np.minimum((len(PLAIN) * (low + high) / 2).astype(int), len(PLAIN) - 1)
    return "".join(
        WIDE if wide else PLAIN[level] for wide, level in zip(high - low > 0.5, middle, strict=True)
    )


def _has_braille(encoding: str) -> bool:
    try:
        chr(BRAILLE + 0xFF).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _short(name: str) -> str:
    return name if len(name) <= NAME else f"{name[: NAME - 3]}..."
