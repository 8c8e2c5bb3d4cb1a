"""Numeric arrays in MATLAB's files of version 5 to 7.2, by the layout that MathWorks publishes ("MAT-File Format").

A file that is damaged can bring a general reader down with the whole process; this one looks at numbers alone, and what
does not fit is an error.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hcutal.errors import HcutalError

HEADER = 128
MATRIX, COMPRESSED = 14, 15
# Types of data elements, and classes of arrays, as numpy writes them.
TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
COMPLEX = 0x0800


class MatlabArray(NamedTuple):
    """An array of a file: its name, its shape, and its numbers in MATLAB's order; none where it holds other things."""

    name: str
    shape: tuple[int, ...]
    values: npt.NDArray[Any] | None


def matlab_arrays(path: Path) -> Iterator[MatlabArray]:
    """The arrays of a file, one after another; `HcutalError` where it is none of this kind, or damaged."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from None
    order = {b"IM": "<", b"MI": ">"}.get(raw[126:128])
    if order is None:
        raise HcutalError(f"{path}: not a MATLAB file of version 5 or later")
    try:
        for kind, data in _elements(raw[HEADER:], order):
            if kind == COMPRESSED:
                kind, data = next(_elements(zlib.decompress(data), order))
            if kind == MATRIX:
                yield _array(data, order)
    except (struct.error, zlib.error, ValueError, IndexError, StopIteration) as error:
        raise HcutalError(f"{path}: damaged MATLAB file ({error or 'it ends too early'})") from None


def _elements(raw: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """The type and the content of each data element; small ones stand in their own tag."""
    place = 0
    while place + 8 <= len(raw):
        kind, size = struct.unpack_from(f"{order}II", raw, place)
        start = place + 8
        if kind >> 16:
            kind, size, start = kind & 0xFFFF, kind >> 16, place + 4
        if start + size > len(raw):
            raise ValueError("an element is cut short")
        yield kind, raw[start : start + size]
        end = start + size
        # All but compressed ones fill up to eight bytes.
        place = end if kind == COMPRESSED else max(place + 8, end + -end % 8)


def _array(data: bytes, order: str) -> MatlabArray:
    parts = _elements(data, order)
    flags, shape = _numbers(*next(parts), order), _numbers(*next(parts), order)
    name = next(parts)[1].decode("ascii")
    sizes = tuple(int(size) for size in shape)
    number = CLASSES.get(int(flags[0]) & 0xFF)
    if number is None or int(flags[0]) & COMPLEX:
        return MatlabArray(name, sizes, None)
    values = _numbers(*next(parts), order)
    if min(sizes, default=0) < 0 or int(np.prod(sizes, dtype=object)) != len(values):
        raise ValueError(f"{name} has the shape {sizes} and {len(values)} numbers")
    return MatlabArray(name, sizes, values.astype(number).reshape(sizes, order="F"))


def _numbers(kind: int, data: bytes, order: str) -> npt.NDArray[Any]:
    if kind not in TYPES:
        raise ValueError(f"elements of the type {kind}")
    return np.frombuffer(data, np.dtype(order + TYPES[kind]))
