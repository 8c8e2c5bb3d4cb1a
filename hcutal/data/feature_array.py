"""Feature arrays in the forms of the field, read as float32 or float16 [T, D]; nothing in them is ever run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hcutal.data.array_files import CONTAINERS
from hcutal.data.npy import map_array
from hcutal.errors import HcutalError

# A table is one where it is called like a recording; otherwise it may be anything.
TABLE = ".csv"
SUFFIXES = (".npy", *(suffix for suffix in CONTAINERS if suffix != TABLE))
# What a file that is not read becomes arrays by; %s is its path. Only where it is trusted: a pickle runs code.
CONVERSIONS = {
    ".pkl": "python -c \"import numpy, pickle; d = pickle.load(open('%s', 'rb')); numpy.savez('%s.npz', **d)\"",
    ".pt": "python -c \"import numpy, torch; numpy.save('%s.npy', torch.load('%s', map_location='cpu').numpy())\"",
}
SAME = {".pickle": ".pkl", ".pth": ".pt"}
Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class ArrayForm:
    """How arrays are laid out.

    Attributes:
        axes: what their axes are: T snippets, D dimensions, C crops of the same snippets.
        crop: the crop that is taken; None for the mean over all.
    """

    axes: str = "TD"
    crop: int | None = None


@dataclass(frozen=True)
class ArrayPlace:
    """Where an array stands: a file, and the name in it where a file holds several."""

    path: Path
    key: str = ""

    def __str__(self) -> str:
        """The path, with the key in brackets."""
        return f"{self.path}[{self.key}]" if self.key else str(self.path)


def conversion(path: Path) -> str | None:
    """The command that makes arrays of a file of a form that is not read; None for other files."""
    suffix = path.suffix.lower()
    command = CONVERSIONS.get(SAME.get(suffix, suffix))
    if command is None:
        return None
    return command.replace("%s", str(path)).replace(f"{path}.np", f"{path.with_suffix('')}.np")


def keys_of(path: Path) -> list[str]:
    """The names of the arrays in a file that may hold several; one empty name for one that holds a single array."""
    container = CONTAINERS.get(path.suffix.lower())
    return [""] if container is None else container.keys(path)


def read_array(place: ArrayPlace, form: ArrayForm) -> Array:
    """The array [T, D], float32 or float16 in the order of this machine; mapped where it stands so in its file.

    Axes of length 1 are dropped where the array has one more than `form.axes`. float64 becomes float32. Raises
    `HcutalError` for a file that is missing or damaged, a pickle, other types, another number of axes, an empty array.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.npy")
    >>> np.save(path, np.zeros((1, 4, 7), dtype=">f8"))
    >>> found = read_array(ArrayPlace(path), ArrayForm())
    >>> found.dtype, found.shape
    (dtype('float32'), (4, 7))
    """
    values = open_values(place)
    if values.dtype.kind != "f" or values.dtype.itemsize > 8:
        raise HcutalError(f"{place}: {values.dtype} {values.shape}; expected float16, float32 or float64")
    array = _two_axes(values, form, place)
    if 0 in array.shape:
        raise HcutalError(f"{place}: shape is {array.shape}; expected at least one snippet and one dimension")
    kept = np.float16 if array.dtype.itemsize == 2 else np.float32
    # A number beyond float32 becomes infinite, which whoever reads it refuses.
    with np.errstate(over="ignore"):
        return array if array.dtype == kept else array.astype(kept)


def is_plain(place: ArrayPlace, form: ArrayForm) -> bool:
    """Whether the file already is what a feature store holds, so that it can be copied as it is."""
    if place.key or place.path.suffix.lower() != ".npy" or form != ArrayForm():
        return False
    values = map_array(place.path)
    return values.ndim == 2 and values.dtype in (np.float32, np.float16) and values.flags.c_contiguous


def open_values(place: ArrayPlace) -> npt.NDArray[Any]:
    """The array as it stands in its file, mapped where it is an `.npy`; `HcutalError` where it cannot be read."""
    container = CONTAINERS.get(place.path.suffix.lower())
    if container is None:
        return map_array(place.path)
    if place.key:
        return container.values(place.path, place.key)
    names = container.keys(place.path)
    if len(names) != 1:
        raise HcutalError(f"{place}: holds {', '.join(names[:5])}; expected one of them to be named")
    return container.values(place.path, names[0])


def _two_axes(values: npt.NDArray[Any], form: ArrayForm, place: ArrayPlace) -> npt.NDArray[Any]:
    axes = form.axes
    if values.ndim == len(axes) + 1 and 1 in values.shape:
        values = values.squeeze(values.shape.index(1))
    if values.ndim != len(axes):
        hint = "; for crops say so (axes: TCD or CTD)" if values.ndim == 3 else ""
        raise HcutalError(f"{place}: {values.dtype} {values.shape}; expected {_written(axes)}{hint}")
    if "C" in axes:
        values, axes = _one_crop(values, form, place), axes.replace("C", "")
    return values.T if axes == "DT" else values


def _one_crop(values: npt.NDArray[Any], form: ArrayForm, place: ArrayPlace) -> npt.NDArray[Any]:
    axis = form.axes.index("C")
    if form.crop is None:
        # Sums of float16 would be rounded.
        exact = np.float32 if values.dtype.itemsize == 2 else values.dtype
        return np.asarray(np.mean(values, axis=axis, dtype=exact))
    if form.crop >= values.shape[axis]:
        raise HcutalError(f"{place}: {values.shape[axis]} crops; expected one with the number {form.crop}")
    return np.asarray(np.take(values, form.crop, axis=axis))


def _written(axes: str) -> str:
    return f"[{', '.join(axes)}]"
