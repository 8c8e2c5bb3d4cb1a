"""Arrays in `.npy` files, mapped: nothing in such a file is ever run, and whatever is wrong with it is one error."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import MAGIC_PREFIX

from hcutal.errors import HcutalError

PICKLED = (
    "pickled objects are never loaded; where you trust the file, read it with "
    "np.load(path, allow_pickle=True) and save each video's array [T, D] by itself as <stream>/<video>.npy"
)


def map_array(path: Path) -> np.ndarray[Any, np.dtype[Any]]:
    """The array of a `.npy` file, read from the disk where it is looked at.

    Raises `HcutalError` when the file is missing, damaged, of another form, or a pickle.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise HcutalError(f"{path}: no such file") from None
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror or error})") from None
    # A damaged header is taken for Python by numpy, and raises nearly anything.
    except Exception as error:
        hint = f"; {PICKLED}" if _holds_objects(path, error) else ""
        raise HcutalError(f"{path}: not an npy file of numbers ({error}){hint}") from None
    if not isinstance(array, np.ndarray):
        raise HcutalError(f"{path}: {type(array).__name__}; expected one npy array of numbers")
    return array


def holds_objects(path: Path) -> bool:
    """Whether a `.npy` file is an array of Python objects, or a pickle; none of them is loaded."""
    try:
        map_array(path)
    except HcutalError as error:
        return PICKLED in str(error)
    return False


def _holds_objects(path: Path, error: Exception) -> bool:
    """Whether there are Python objects behind an error: an array of them, or a pickle (protocol 2 or later)."""
    try:
        with path.open("rb") as stream:
            start = stream.read(6)
    # A name from a table may hold what no name of a file can.
    except (OSError, ValueError):
        return False
    return start[:1] == b"\x80" or (start == MAGIC_PREFIX and "object" in str(error).lower())
