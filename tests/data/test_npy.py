"""Damaged, foreign and dangerous `.npy` files: one error of ours, whatever numpy makes of them."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hcutal.data.npy import map_array
from hcutal.errors import HcutalError

WHOLE = np.arange(12, dtype=np.float32).reshape(4, 3)


def content(path: Path) -> bytes:
    np.save(path, WHOLE)
    return path.read_bytes()


def test_an_array_is_mapped(tmp_path: Path) -> None:
    content(tmp_path / "a.npy")
    array = map_array(tmp_path / "a.npy")
    assert isinstance(array, np.memmap)
    np.testing.assert_array_equal(array, WHOLE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(position=st.integers(0, 127), value=st.integers(0, 255), cut=st.integers(0, 176))
def test_a_damaged_header_is_one_of_our_errors(tmp_path: Path, position: int, value: int, cut: int) -> None:
    path = tmp_path / "a.npy"
    damaged = bytearray(content(path))
    damaged[position] = value
    path.write_bytes(bytes(damaged[:cut]) if cut < 150 else bytes(damaged))
    try:
        array = map_array(path)
    except HcutalError as error:
        assert str(path) in str(error)
    else:
        assert isinstance(array, np.ndarray)


@pytest.mark.parametrize(
    "header", [b"{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3", b"{'descr': 3}", b"(" * 90]
)
def test_headers_that_numpy_takes_for_python(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(HcutalError, match=r"a\.npy: not an npy file of numbers"):
        map_array(path)


def test_objects_are_never_loaded_and_a_text_is_no_pickle(tmp_path: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object))
    (tmp_path / "pickle.npy").write_bytes(pickle.dumps({"a": 1}))
    (tmp_path / "text.npy").write_text("nonsense")
    for name in ("objects.npy", "pickle.npy"):
        with pytest.raises(HcutalError, match="pickled objects are never loaded"):
            map_array(tmp_path / name)
    with pytest.raises(HcutalError, match="not an npy file of numbers") as caught:
        map_array(tmp_path / "text.npy")
    assert "never loaded" not in str(caught.value)
    with pytest.raises(HcutalError, match=r"none\.npy: no such file"):
        map_array(tmp_path / "none.npy")
