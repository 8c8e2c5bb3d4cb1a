from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hcutal.data.feature_array import ArrayForm, ArrayPlace, conversion, is_plain, keys_of, read_array
from hcutal.errors import HcutalError

VALUES = np.arange(12, dtype=np.float32).reshape(4, 3)
FORMS = {
    "float16": VALUES.astype(np.float16),
    "float64": VALUES.astype(np.float64),
    "big-endian": VALUES.astype(">f4"),
    "Fortran order": np.asfortranarray(VALUES),
    "[1, T, D]": VALUES[None],
    "[T, 1, D]": VALUES[:, None],
}


def saved(folder: Path, array: np.ndarray) -> ArrayPlace:
    np.save(folder / "a.npy", array)
    return ArrayPlace(folder / "a.npy")


@pytest.mark.parametrize("form", FORMS)
def test_arrays_of_the_field_are_read_as_they_are_meant(tmp_path: Path, form: str) -> None:
    found = read_array(saved(tmp_path, FORMS[form]), ArrayForm())
    np.testing.assert_array_equal(found, VALUES)
    assert found.dtype == (np.float16 if form == "float16" else np.float32) and found.dtype.isnative


@given(
    array=arrays(
        np.float32,
        st.tuples(st.integers(1, 5), st.just(3), st.integers(1, 4)),
        elements=st.floats(-9, 9, width=16),
    )
)
@settings(max_examples=30, deadline=None)
def test_axes_say_what_stands_where(array: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("arrays")
    crops_inside, crops_first = saved(folder, array), folder / "b.npy"
    np.save(crops_first, array.swapaxes(0, 1))
    np.testing.assert_allclose(read_array(crops_inside, ArrayForm("TCD")), array.mean(axis=1), atol=1e-5)
    np.testing.assert_array_equal(read_array(ArrayPlace(crops_first), ArrayForm("CTD", crop=2)), array[:, 2])
    np.save(folder / "c.npy", array[:, 0].T)
    np.testing.assert_array_equal(read_array(ArrayPlace(folder / "c.npy"), ArrayForm("DT")), array[:, 0])


@pytest.mark.parametrize(
    ("array", "form", "message"),
    [
        (VALUES.astype(np.int32), ArrayForm(), r"int32 \(4, 3\); expected float16, float32 or float64"),
        (np.zeros((4, 10, 3)), ArrayForm(), r"\(4, 10, 3\); expected \[T, D\]; for crops say so"),
        (np.zeros((4, 2, 3)), ArrayForm("TCD", 2), "2 crops; expected one with the number 2"),
        (np.zeros((0, 3)), ArrayForm(), r"shape is \(0, 3\); expected at least one snippet"),
        (np.zeros(3), ArrayForm(), r"\(3,\); expected \[T, D\]"),
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, array: np.ndarray, form: ArrayForm, message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        read_array(saved(tmp_path, array), form)


def test_an_archive_holds_arrays_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, rgb=VALUES, flow=VALUES + 1)
    assert keys_of(path) == ["rgb", "flow"]
    np.testing.assert_array_equal(read_array(ArrayPlace(path, "flow"), ArrayForm()), VALUES + 1)
    with pytest.raises(HcutalError, match=r"a\.npz: holds rgb, flow; expected one of them to be named"):
        read_array(ArrayPlace(path), ArrayForm())
    np.savez(path, rgb=np.array([{}], dtype=object))
    with pytest.raises(HcutalError, match="pickled objects are never loaded"):
        read_array(ArrayPlace(path, "rgb"), ArrayForm())
    path.write_bytes(b"PK nonsense")
    with pytest.raises(HcutalError, match=r"a\.npz"):
        keys_of(path)


def test_only_what_a_store_holds_is_taken_byte_by_byte(tmp_path: Path) -> None:
    assert is_plain(saved(tmp_path, VALUES), ArrayForm())
    assert not is_plain(saved(tmp_path, VALUES), ArrayForm("DT"))
    for form, array in FORMS.items():
        assert is_plain(saved(tmp_path, array), ArrayForm()) is (form == "float16")


@pytest.mark.parametrize(
    ("name", "by"),
    [("a.pickle", "pickle.load"), ("a.pth", "torch.load")],
)
def test_files_that_are_never_read_come_with_the_command_that_converts_them(name: str, by: str) -> None:
    assert by in str(conversion(Path("x", name))) and f"x/{name}" in str(conversion(Path("x", name)))
    assert conversion(Path("a.npy")) is None
