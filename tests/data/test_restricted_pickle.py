import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from hcutal.data.restricted_pickle import read_object_array, read_pickle
from hcutal.errors import HcutalError


class Malicious:
    def __reduce__(self) -> tuple:
        return os.system, ("touch owned",)


class DecodesByCodec:
    def __reduce__(self) -> tuple:
        import codecs

        return codecs.encode, ("text", "rot13")


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_plain_values_and_arrays_are_read(tmp_path: Path, protocol: int) -> None:
    value = {
        "X": [np.arange(6.0).reshape(2, 3), np.array([1, 2], np.int8)],
        "n": np.float64(2.5),
        "s": "text",
    }
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(value, protocol))
    found = read_pickle(tmp_path / "a.pkl")
    np.testing.assert_array_equal(found["X"][0], value["X"][0])
    assert found["X"][1].dtype == np.int8
    assert (found["n"], found["s"]) == (2.5, "text")


def test_an_object_array_holds_one_value(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array({"y": np.arange(3)}, dtype=object), allow_pickle=True)
    assert read_object_array(tmp_path / "a.npy")["y"].tolist() == [0, 1, 2]


def test_code_in_a_pickle_is_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(Malicious()))
    np.save(tmp_path / "a.npy", np.array(Malicious(), dtype=object), allow_pickle=True)
    with pytest.raises(HcutalError, match="system is refused"):
        read_pickle("a.pkl")
    with pytest.raises(HcutalError, match="system is refused"):
        read_object_array("a.npy")
    assert not (tmp_path / "owned").exists()


def test_codecs_other_than_latin1_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(DecodesByCodec(), 2))
    with pytest.raises(HcutalError, match="codec 'rot13' is refused"):
        read_pickle(tmp_path / "a.pkl")


@pytest.mark.parametrize("value", [print, Path("x"), np.random.default_rng(0), np.load])
def test_other_objects_are_refused(tmp_path: Path, value: object) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(value))
    with pytest.raises(HcutalError, match="is refused"):
        read_pickle(tmp_path / "a.pkl")


def test_other_files_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "numbers.npy", np.zeros(3))
    np.save(tmp_path / "many.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    (tmp_path / "text.npy").write_text("not an array")
    with pytest.raises(HcutalError, match=r"numbers\.npy: array of float64 with shape \(3,\)"):
        read_object_array(tmp_path / "numbers.npy")
    with pytest.raises(HcutalError, match=r"many\.npy: array of object with shape \(2,\)"):
        read_object_array(tmp_path / "many.npy")
    with pytest.raises(HcutalError, match=r"text\.npy: not an npy file"):
        read_object_array(tmp_path / "text.npy")
    with pytest.raises(HcutalError, match=r"none\.npy: cannot be read"):
        read_object_array(tmp_path / "none.npy")
    with pytest.raises(HcutalError, match=r"text\.npy: not a pickle"):
        read_pickle(tmp_path / "text.npy")
