"""Reading pickled data without running what they carry: numpy's constructors are known, nothing else."""

import codecs
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hcutal.errors import HcutalError


def read_pickle(path: str | Path) -> Any:
    """Read a pickle of plain Python values and numpy arrays; `HcutalError` for anything else in it."""
    return _load(path, _read_bytes(path))


def read_pickled(where: str | Path, data: bytes) -> Any:
    """The value of a pickle that stands in a file, e.g. in an attribute of HDF5; `HcutalError` as in `read_pickle`."""
    return _load(where, data)


def read_object_array(path: str | Path) -> Any:
    """Read an `.npy` file of dtype object and shape (): the value that it holds.

    Raises `HcutalError` when the file is no such array, or holds more than plain values and numpy arrays.
    """
    stream = io.BytesIO(_read_bytes(path))
    try:
        version = np.lib.format.read_magic(stream)
        if version != (1, 0):
            raise HcutalError(f"{path}: npy format {version[0]}.{version[1]}; expected 1.0")
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    except HcutalError:
        raise
    # A damaged header is taken for Python by numpy, and raises nearly anything.
    except Exception as error:
        raise HcutalError(f"{path}: not an npy file ({error})") from None
    if dtype != np.dtype(object) or shape != ():
        raise HcutalError(f"{path}: array of {dtype} with shape {shape}; expected one object with shape ()")
    array = _load(path, stream.read())
    if not isinstance(array, np.ndarray) or array.shape != ():
        raise HcutalError(f"{path}: holds {type(array).__name__}; expected an array with shape ()")
    return array.item()


def _read_bytes(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from error


def _load(path: str | Path, data: bytes) -> Any:
    # A malformed pickle raises nearly any exception: all of them mean the same to the user.
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except Exception as error:
        raise HcutalError(f"{path}: not a pickle of plain values and numpy arrays ({error})") from error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        allowed = _ALLOWED.get((module.replace("numpy._core.", "numpy.core."), name))
        if allowed is None:
            raise pickle.UnpicklingError(f"{module}.{name} is refused")
        return allowed


def _encode(text: str, encoding: str) -> bytes:
    # Protocol 2 writes bytes as latin-1 text; other codecs of Python can do far more than that.
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"codec {encoding!r} is refused")
    return codecs.latin_1_encode(text)[0]


def _constructor(value: Any) -> Callable[..., Any]:
    constructor: Callable[..., Any] = value.__reduce__()[0]
    return constructor


# Taken from numpy itself, so that the private names' place in the installed version does not matter.
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _constructor(np.zeros(0)),
    ("numpy.core.multiarray", "scalar"): _constructor(np.float64(0)),
    ("_codecs", "encode"): _encode,
}
