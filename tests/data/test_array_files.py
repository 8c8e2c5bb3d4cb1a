"""Files of arrays that cannot be read say why, and run nothing."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from hcutal.data import array_files
from hcutal.data.array_files import CONTAINERS
from hcutal.data.feature_array import ArrayForm, ArrayPlace, keys_of, read_array
from hcutal.errors import HcutalError

VALUES = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize("suffix", [".npz", ".mat", ".h5"])
def test_damaged_files_are_an_error_that_names_them(tmp_path: Path, suffix: str) -> None:
    if suffix == ".h5":
        pytest.importorskip("h5py")
    path = tmp_path / f"a{suffix}"
    for content in (b"", b"nonsense", b"MATLAB 5.0" + bytes(200), b"\x89HDF\r\n\x1a\n" + bytes(90)):
        path.write_bytes(content)
        with pytest.raises(HcutalError, match=rf"a\{suffix}"):
            CONTAINERS[suffix].keys(path)
    with pytest.raises(HcutalError, match=r"cannot be read|not an HDF5"):
        CONTAINERS[suffix].keys(tmp_path / f"none{suffix}")


@pytest.mark.parametrize("do_compression", [False, True])
def test_a_matlab_file_holds_arrays_by_name(tmp_path: Path, do_compression: bool) -> None:
    path = tmp_path / "a.mat"
    more = {"note": {"made": "by hand"}, "word": "text", "turn": VALUES * 1j}
    savemat(path, {"rgb": VALUES, "flow": VALUES + 1, **more}, do_compression=do_compression)
    # Text, structures and complex numbers are left out.
    assert keys_of(path) == ["rgb", "flow"]
    np.testing.assert_array_equal(read_array(ArrayPlace(path, "flow"), ArrayForm()), VALUES + 1)
    with pytest.raises(HcutalError, match=r"a\.mat\[note\]: no array of numbers of this name"):
        read_array(ArrayPlace(path, "note"), ArrayForm())


def test_hdf5_without_its_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(array_files, "import_module", absent)
    with pytest.raises(HcutalError, match=r"HDF5 needs the package h5py: pip install 'hcutal\[hdf5\]'"):
        keys_of(tmp_path / "a.h5")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,left\n", "column b holds 'left'; expected numbers, a line a snippet"),
        ("a,b\n", "no row"),
        ("", "not a CSV table of numbers"),
    ],
)
def test_tables_of_features_hold_numbers_alone(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(HcutalError, match=message):
        read_array(ArrayPlace(path), ArrayForm())
    path.write_text("1;2\n3;4\n")
    assert read_array(ArrayPlace(path), ArrayForm()).tolist() == [[1, 2], [3, 4]]


@given(st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_matlab_file_never_raises_anything_else(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"rgb": VALUES.astype(np.float32), "count": np.arange(3, dtype=np.uint8)})
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw)))])
    with suppress(HcutalError):
        for key in CONTAINERS[".mat"].keys(path):
            assert isinstance(CONTAINERS[".mat"].values(path, key), np.ndarray)
