"""Files of torch: the same tensors as torch.load gives, and no more memory than the file is large."""

import io
import pickle
import struct
import tracemalloc
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hcutal.errors import HcutalError
from hcutal.extract.video.torch_file import KINDS, MAGIC, read_torch_file
from hcutal.extract.video.weights import load_i3d
from tests.extract.video import reference

LEGACY = {"_use_new_zipfile_serialization": False}


def tensors() -> dict[str, Any]:
    """All kinds of numbers, views of each other, and what stands beside tensors."""
    torch.manual_seed(0)
    state: dict[str, Any] = OrderedDict()
    for name, kind in KINDS.items():
        state[name] = (10 * torch.randn(3, 4)).to(kind)
    whole = torch.arange(24.0)
    state |= {
        "rows": whole.view(4, 6),
        "columns": whole.view(4, 6).T,
        "part": whole[5:9],
        "repeated": whole[:2].expand(5, 2),
        "scalar": torch.tensor(3.5),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "step": 7,
        "names": ["a", None, 2.5],
    }
    return state


@pytest.mark.parametrize("options", [{}, LEGACY])
def test_what_torch_saved_is_what_torch_loads(tmp_path: Path, options: dict[str, bool]) -> None:
    path = tmp_path / "state.pt"
    torch.save(tensors(), path, **options)
    found, expected = read_torch_file(path), torch.load(path, weights_only=True)
    assert list(found) == list(expected)
    for name, value in expected.items():
        if isinstance(value, torch.Tensor):
            assert (found[name].dtype, found[name].stride()) == (value.dtype, value.stride())
            assert torch.equal(found[name], value)
        else:
            assert found[name] == value


def test_a_state_dict_of_either_format_is_loaded(tmp_path: Path) -> None:
    state = reference.state_dict(2)
    torch.save(state, tmp_path / "new.pt")
    torch.save(state, tmp_path / "old.pt", **LEGACY)
    networks = [load_i3d(tmp_path / name, "flow") for name in ("new.pt", "old.pt")]
    for name, value in networks[0].state_dict().items():
        assert torch.equal(networks[1].state_dict()[name], value)


class Claim:
    """Pickled as a call."""

    def __init__(self, function: Callable[..., Any], *given: Any) -> None:
        self._call = function, given

    def __reduce__(self) -> Any:
        return self._call


class Stored:
    """Pickled as a storage."""

    def __init__(self, count: int, *more: Any) -> None:
        self.pid = ("storage", torch.FloatStorage, "0", "cpu", count, *more)


class Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        return value.pid if isinstance(value, Stored) else None


def pickled(value: Any) -> bytes:
    stream = io.BytesIO()
    Pickler(stream, protocol=2).dump(value)
    return stream.getvalue()


def zipped(
    path: Path, value: bytes, numbers: bytes = bytes(40), compression: int = zipfile.ZIP_STORED
) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("w/data.pkl", value)
        archive.writestr("w/data/0", numbers)
    return path


def streamed(path: Path, value: bytes, count: int, numbers: bytes) -> Path:
    parts = [
        pickled(MAGIC),
        pickled(1001),
        pickled({}),
        value,
        pickled(["0"]),
        struct.pack("<q", count),
        numbers,
    ]
    path.write_bytes(b"".join(parts))
    return path


def tensor(count: int, size: tuple[int, ...], *more: Any) -> bytes:
    rebuild = torch._utils._rebuild_tensor_v2
    stride = tuple(int(np.prod(size[place + 1 :])) for place in range(len(size)))
    return pickled({"a": Claim(rebuild, Stored(count, *more), 0, size, stride, False, OrderedDict())})


HUGE = 10**12


def bombs(folder: Path) -> list[Path]:
    """Small files that claim much."""
    memo = b"\x80\x02}r" + struct.pack("<I", 2**31 - 1) + b"."
    return [
        zipped(folder / "claimed.pt", tensor(HUGE, (10,))),
        zipped(folder / "shape.pt", tensor(10, (HUGE,))),
        zipped(folder / "bytes.pt", pickled({"a": Claim(bytearray, HUGE)})),
        zipped(folder / "storage.pt", pickled({"a": Claim(torch.UntypedStorage, HUGE)})),
        zipped(folder / "memo.pt", memo),
        zipped(folder / "buffer.pt", b"\x80\x05" + pickle.BYTEARRAY8 + struct.pack("<Q", HUGE) + b"."),
        zipped(folder / "text.pt", b"\x80\x04" + pickle.BINUNICODE8 + struct.pack("<Q", HUGE) + b"."),
        streamed(
            folder / "old-text.pt",
            b"\x80\x04" + pickle.BINBYTES8 + struct.pack("<Q", HUGE) + b".",
            10,
            bytes(40),
        ),
        zipped(folder / "bomb.pt", tensor(2**24, (2**24,)), bytes(2**26), zipfile.ZIP_DEFLATED),
        streamed(folder / "old-claimed.pt", tensor(HUGE, (10,), None), HUGE, bytes(40)),
        streamed(folder / "old-unlike.pt", tensor(10, (10,), None), HUGE, bytes(40)),
        streamed(folder / "old-short.pt", tensor(10, (10,), None), 10, bytes(39)),
        streamed(folder / "old-view.pt", tensor(10, (10,), ("1", 0, 10)), 10, bytes(40)),
        streamed(folder / "old-bytes.pt", pickled({"a": Claim(bytearray, HUGE)}), 10, bytes(40)),
    ]


def test_a_file_that_claims_much_is_refused_without_making_it(tmp_path: Path) -> None:
    files = bombs(tmp_path)
    tracemalloc.start()
    for path in files:
        with pytest.raises(HcutalError, match=rf"{path.name}: "):
            load_i3d(path, "rgb")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


def test_what_is_whole_is_read_from_files_made_by_hand(tmp_path: Path) -> None:
    numbers = np.arange(10, dtype=np.float32).tobytes()
    for path in (
        zipped(tmp_path / "new.pt", tensor(10, (2, 5)), numbers),
        streamed(tmp_path / "old.pt", tensor(10, (2, 5), None), 10, numbers),
    ):
        assert torch.equal(read_torch_file(path)["a"], torch.arange(10.0).view(2, 5))


def test_damaged_files_end_in_one_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for options in ({}, LEGACY):
        torch.save({"a": torch.ones(50), "b": torch.zeros(2, 3)}, tmp_path / "w.pt", **options)
        content = (tmp_path / "w.pt").read_bytes()
        for _ in range(40):
            mutant = bytearray(
                content[: rng.integers(1, len(content) + 1)] if rng.random() < 0.3 else content
            )
            for place in rng.integers(0, len(mutant), rng.integers(1, 6)):
                mutant[place] = rng.integers(256)
            (tmp_path / "w.pt").write_bytes(mutant)
            with pytest.raises(HcutalError, match=r"w\.pt: "):
                load_i3d(tmp_path / "w.pt", "rgb")
