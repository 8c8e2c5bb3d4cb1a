"""Files that hold arrays, by their ends: `.npz`, `.mat`, `.h5` (package h5py), `.csv`; nothing in them is ever run."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hcutal.data.matlab5 import matlab_arrays
from hcutal.errors import HcutalError

Values = npt.NDArray[Any]
HDF5 = (".h5", ".hdf5")
# MATLAB 7.3 and later write HDF5, with the axes the other way round.
HDF5_MARK = b"\x89HDF"


class Container(NamedTuple):
    """How a file of arrays is read: the names in it, and the array of a name."""

    keys: Callable[[Path], list[str]]
    values: Callable[[Path, str], Values]


def _npz_keys(path: Path) -> list[str]:
    with _archive(path) as archive:
        return list(archive.files)


def _npz_values(path: Path, key: str) -> Values:
    with _archive(path) as archive:
        try:
            values: Values = archive[key]
        except Exception as error:
            raise HcutalError(
                f"{path}[{key}]: cannot be read ({error}); pickled objects are never loaded"
            ) from None
    return values


def _archive(path: Path) -> "np.lib.npyio.NpzFile":
    try:
        found = np.load(path, allow_pickle=False)
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror or error})") from None
    except Exception as error:
        raise HcutalError(f"{path}: not an npz file of numbers ({error})") from None
    if not isinstance(found, np.lib.npyio.NpzFile):
        raise HcutalError(f"{path}: {type(found).__name__}; expected an npz file of arrays")
    return found


def _is_new_matlab(path: Path) -> bool:
    # 512 bytes of MATLAB's own stand before the mark.
    try:
        with path.open("rb") as stream:
            return HDF5_MARK in (stream.read(4), stream.seek(512) and stream.read(4))
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from None


def _mat_keys(path: Path) -> list[str]:
    if _is_new_matlab(path):
        return [key for key in _h5_keys(path) if not key.startswith("#")]
    return [array.name for array in matlab_arrays(path) if array.values is not None and len(array.shape) > 1]


def _mat_values(path: Path, key: str) -> Values:
    if _is_new_matlab(path):
        return _h5_values(path, key).T
    for array in matlab_arrays(path):
        if array.name == key and array.values is not None:
            return array.values
    raise HcutalError(f"{path}[{key}]: no array of numbers of this name")


def _h5_keys(path: Path) -> list[str]:
    found: list[str] = []
    with open_hdf5(path, "numbers") as file:
        file.visititems(lambda name, item: found.append(name) if hasattr(item, "dtype") else None)
    return found


def _h5_values(path: Path, key: str) -> Values:
    with open_hdf5(path, "numbers") as file:
        values: Values = file[key][()]
    return values


@contextmanager
def open_hdf5(path: Path, holding: str) -> Iterator[Any]:
    """An open HDF5 file; `HcutalError` where it cannot be read, or not as what it is said to hold."""
    try:
        h5py = import_module("h5py")
    except ImportError:
        raise HcutalError(f"{path}: HDF5 needs the package h5py: pip install 'hcutal[hdf5]'") from None
    try:
        with h5py.File(path, "r") as file:
            yield file
    except HcutalError:
        raise
    # Files that are damaged, or of another form, raise nearly anything.
    except Exception as error:
        raise HcutalError(f"{path}: not an HDF5 file of {holding} ({error})") from None


def _csv_values(path: Path, key: str) -> Values:
    """Numbers [T, D]: a line a snippet, after a line of names or none (ActivityNet's TSN features)."""
    import pandas as pd

    try:
        with path.open(encoding="utf-8-sig") as stream:
            first = stream.readline()
        sign = next((sign for sign in "\t;," if sign in first), ",")
        has_names = any(not _is_number(cell) for cell in first.strip().split(sign))
        table = pd.read_csv(path, sep=sign, header=0 if has_names else None, index_col=False)
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise HcutalError(f"{path}: not a CSV table of numbers ({error})") from None
    words = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    if words or table.empty:
        found = "no row" if table.empty else f"column {words[0]} holds {table[words[0]].iloc[0]!r}"
        raise HcutalError(f"{path}: {found}; expected numbers, a line a snippet")
    return table.to_numpy(dtype=np.float64)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


CONTAINERS: Mapping[str, Container] = {
    ".npz": Container(_npz_keys, _npz_values),
    ".mat": Container(_mat_keys, _mat_values),
    **dict.fromkeys(HDF5, Container(_h5_keys, _h5_values)),
    ".csv": Container(lambda path: [""], _csv_values),
}
