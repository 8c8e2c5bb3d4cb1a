"""State dicts as `torch.save` writes them: no code is run, and no more memory is taken than the file is large.

torch.load makes what a file claims to hold, be it terabytes, also with `weights_only`. Both of torch's formats are a
pickle that names storages (runs of numbers) and views of them; here that pickle may make nothing else.
"""

import io
import mmap
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

# How the format before torch 1.6 begins.
MAGIC = 0x1950A86A20F9469CFC6C
KINDS = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}


@dataclass(frozen=True)
class _Storage:
    """A run of `count` numbers, which stands in the file under `key`."""

    key: str
    kind: torch.dtype
    count: int


@dataclass(frozen=True)
class _View:
    """A tensor: `size` numbers of a storage from `offset` on, `stride` apart."""

    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def read_torch_file(path: Path) -> Any:
    """What the file holds: tensors in the place of their views in a dictionary, all else plain.

    Raises any exception for a file that is damaged, claims more than it holds, or holds anything but dictionaries,
    lists, texts, numbers and tensors that are dense.
    """
    with _mapped(path) as content:
        if content[:4] == b"PK\x03\x04":
            return _read_zip(path, len(content))
        return _read_stream(content)


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield content


def _read_zip(path: Path, most: int) -> Any:
    """The format since torch 1.6: a record a storage, not compressed."""
    with zipfile.ZipFile(path) as archive:
        records = archive.infolist()
        if sum(record.file_size for record in records) > most:
            raise ValueError("its records are larger than the file")
        (pickled,) = (record.filename for record in records if record.filename.endswith("/data.pkl"))
        folder = pickled.removesuffix("data.pkl")
        if f"{folder}byteorder" in archive.namelist() and archive.read(f"{folder}byteorder") != b"little":
            raise ValueError("its numbers are not in little-endian order")
        found = _Views(io.BytesIO(archive.read(pickled))).load()
        return _with_tensors(found, lambda storage: archive.read(f"{folder}data/{storage.key}"))


def _read_stream(content: mmap.mmap) -> Any:
    """The format before torch 1.6: pickles, and behind them the storages, each after its number of elements."""
    if _Views(content).load() != MAGIC:
        raise ValueError("it is no file of torch")
    # The version of the format, and the sizes of numbers on the machine that wrote it.
    _Views(content).load()
    _Views(content).load()
    views = _Views(content)
    found, keys = views.load(), _Views(content).load()
    places: dict[str, int] = {}
    for key in keys:
        storage = views.storages[key]
        if int.from_bytes(content.read(8), "little") != storage.count:
            raise ValueError(f"storage {key} has another length than it is said to have")
        places[key] = content.tell()
        content.seek(storage.count * storage.kind.itemsize, io.SEEK_CUR)

    def read(storage: _Storage) -> bytes:
        return content[places[storage.key] : places[storage.key] + storage.count * storage.kind.itemsize]

    return _with_tensors(found, read)


class _Views(pickle._Unpickler):
    """Python's own unpickler, since the one in C makes room for as many remembered values as a file claims."""

    # This one makes room for as many bytes as it claims.
    dispatch: ClassVar = {
        code: load for code, load in pickle._Unpickler.dispatch.items() if code != pickle.BYTEARRAY8[0]
    }

    def __init__(self, file: Any) -> None:
        super().__init__(file, encoding="latin1")
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if module in ("torch", "torch.cuda") and name in KINDS:
            return KINDS[name]
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is refused")
        return ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        word, kind, key, _, count, *rest = pid
        if word != "storage" or not isinstance(kind, torch.dtype) or any(part is not None for part in rest):
            raise pickle.UnpicklingError("a storage in a form that is not known")
        storage = _Storage(str(key), kind, int(count))
        if self.storages.setdefault(storage.key, storage) != storage:
            raise pickle.UnpicklingError(f"storage {key} is said to be two things")
        return storage


def _view(storage: _Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> _View:
    return _View(storage, offset, size, stride)


def _parameter(view: _View, *_: Any) -> _View:
    return view


ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor"): _view,
    ("torch._utils", "_rebuild_tensor_v2"): _view,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch.nn.parameter", "Parameter"): _parameter,
}


def _with_tensors(found: Any, read: Callable[[_Storage], bytes]) -> Any:
    """Tensors in the place of the views in a dictionary; each storage is read once."""
    if not isinstance(found, dict):
        return found
    flat: dict[str, Tensor] = {}

    def tensor(view: _View) -> Tensor:
        storage = view.storage
        if storage.key not in flat:
            flat[storage.key] = _numbers(storage, read(storage))
        # Refuses what would lie outside of the storage.
        return torch.as_strided(flat[storage.key], view.size, view.stride, view.offset)

    return {name: tensor(value) if isinstance(value, _View) else value for name, value in found.items()}


def _numbers(storage: _Storage, content: bytes) -> Tensor:
    if len(content) != storage.count * storage.kind.itemsize:
        raise ValueError(f"storage {storage.key} has {len(content)} bytes, not {storage.count} numbers")
    # A copy, which may be written to.
    return (
        torch.frombuffer(bytearray(content), dtype=storage.kind)
        if content
        else torch.empty(0, dtype=storage.kind)
    )
