import json
from pathlib import Path

import numpy as np
import pytest

from hcutal.data.store import MOST_OPEN, FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    with write_store(tmp_path / "store", "test", SnippetTimes(25.0, 16, 16)) as store:
        for video, length in (("b", 5), ("a", 7)):
            rgb = rng.normal(size=(length, 3)).astype(np.float32)
            store.add(video, {"rgb": rgb, "flow": rgb[:, :2].astype(np.float16)})
    return tmp_path / "store"


def edit(root: Path, **values: object) -> None:
    path = root / "features.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_streams_stand_side_by_side_in_the_sidecar_s_order(root: Path) -> None:
    store = FeatureStore(root)
    assert store.videos == ["a", "b"]
    assert (store.length("a"), store.size) == (7, 5)
    assert list(store.meta.streams) == ["flow", "rgb"]
    features = store.read("a")
    assert features.dtype == np.float32
    rgb = np.load(root / "rgb" / "a.npy")
    np.testing.assert_array_equal(features, np.hstack([rgb[:, :2].astype(np.float16), rgb]))


def test_rows_are_read_alone(root: Path) -> None:
    store = FeatureStore(root)
    rows = np.array([0, 4, 4, 6])
    np.testing.assert_array_equal(store.read("a", rows), store.read("a")[rows])


def test_few_arrays_are_mapped_at_a_time_and_all_are_read(tmp_path: Path) -> None:
    with write_store(tmp_path / "store", "test", SnippetTimes(25.0, 16, 16)) as writer:
        for number in range(2 * MOST_OPEN):
            writer.add(f"v{number}", {"x": np.full((1, 1), number, np.float16)})
    store = FeatureStore(tmp_path / "store")
    for _ in range(2):
        for number in range(2 * MOST_OPEN):
            [part] = store.parts(f"v{number}")
            assert (part.dtype, part.tolist()) == (np.float16, [[number]])
    assert len(store._arrays) == MOST_OPEN


def test_bad_values_are_found_where_they_are_read(root: Path) -> None:
    values = np.load(root / "rgb" / "a.npy")
    values[3, 1] = np.nan
    np.save(root / "rgb" / "a.npy", values)
    store = FeatureStore(root)
    assert np.isfinite(store.read("a", np.array([0, 1]))).all()
    with pytest.raises(HcutalError, match="a: NaN or infinite feature values"):
        store.read("a")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((7, 4), np.float32), r"rgb/a\.npy: D is 4; expected 3"),
        (np.zeros((6, 3), np.float32), r"6 snippets; features\.json says 7"),
        (np.zeros((0, 3), np.float32), r"shape is \(0, 3\); expected at least one snippet"),
        (np.zeros((7, 3), np.float64), r"float64 \(7, 3\); expected float32 or float16"),
        (np.zeros(7, np.float32), r"expected float32 or float16 of shape \[T, D\]"),
        (np.array([{}, 1], dtype=object), "pickled objects are never loaded"),
    ],
)
def test_arrays_that_do_not_fit(root: Path, array: np.ndarray, message: str) -> None:
    np.save(root / "rgb" / "a.npy", array, allow_pickle=True)
    with pytest.raises(HcutalError, match=message):
        FeatureStore(root).read("a")


def test_an_unreadable_array(root: Path) -> None:
    (root / "rgb" / "a.npy").write_bytes(b"PK nothing")
    with pytest.raises(HcutalError, match=r"a\.npy: not an npy file of numbers"):
        FeatureStore(root).read("a")


def test_missing_and_extra_files(root: Path) -> None:
    (root / "rgb" / "a.npy").rename(root / "rgb" / "c.npy")
    with pytest.raises(HcutalError, match="rgb: 1 videos without features: a"):
        FeatureStore(root)
    (root / "rgb" / "a.npy").symlink_to(root / "rgb" / "c.npy")
    with pytest.raises(HcutalError, match=r"1 files unknown to features\.json: c"):
        FeatureStore(root)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"fps": 0}, "features.json.fps: found 0"),
        ({"crop": "ten"}, "features.json.crop: unknown key"),
        ({"streams": {}}, "streams"),
        ({"videos": 3}, "videos is 3, but lengths names 2"),
        ({"lengths": {"a": 0, "b": 5}}, "length of a is 0; expected 1 or more"),
    ],
)
def test_bad_sidecars(root: Path, values: dict, message: str) -> None:
    edit(root, **values)
    with pytest.raises(HcutalError, match=message):
        FeatureStore(root)


def test_no_store_and_no_video(root: Path, tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"features\.json: no such file"):
        FeatureStore(tmp_path / "none")
    with pytest.raises(HcutalError, match="no features of x; there are 2 videos"):
        FeatureStore(root).length("x")


@pytest.mark.parametrize(
    ("streams", "message"),
    [
        ({"rgb": np.zeros((4, 2), np.float32), "flow": np.zeros((4, 2), np.float32)}, r"b \(rgb\): D is 2"),
        (
            {"rgb": np.zeros((4, 3), np.float32), "flow": np.zeros((5, 2), np.float32)},
            "differ in their number",
        ),
        ({"rgb": np.zeros((4, 3), np.float32)}, "streams of b are rgb; other videos have flow, rgb"),
    ],
)
def test_a_failed_store_leaves_nothing(tmp_path: Path, streams: dict, message: str) -> None:
    first = {"rgb": np.zeros((4, 3), np.float32), "flow": np.zeros((4, 2), np.float32)}
    with (
        pytest.raises(HcutalError, match=message),
        write_store(tmp_path / "s", "test", SnippetTimes(25.0, 16, 16)) as store,
    ):
        store.add("a", first)
        store.add("b", streams)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "a/b", "/x", "..", ".", "", "a\0b", "x" * 251])
def test_no_name_leaves_the_store(tmp_path: Path, name: str) -> None:
    array = np.zeros((4, 3), np.float32)
    np.save(tmp_path / "given.npy", array)
    for streams in ({"rgb": array}, {name: array}):
        video = name if "rgb" in streams else "a"
        with (
            pytest.raises(HcutalError, match=r"cannot be that of a file; expected no / in it"),
            write_store(tmp_path / "s", "test", SnippetTimes(25.0, 16, 16)) as store,
        ):
            store.add(video, streams)
        with (
            pytest.raises(HcutalError, match=r"cannot be that of a file; expected no / in it"),
            write_store(tmp_path / "s", "test", SnippetTimes(25.0, 16, 16)) as store,
        ):
            store.copy(video, dict.fromkeys(streams, tmp_path / "given.npy"))
    assert [path.name for path in tmp_path.iterdir()] == ["given.npy"]


def test_linked_arrays_are_checked(tmp_path: Path) -> None:
    np.save(tmp_path / "bad.npy", np.array([[np.inf, 1]], dtype=np.float32))
    with (
        pytest.raises(HcutalError, match=r"bad\.npy: NaN"),
        write_store(tmp_path / "s", "t", SnippetTimes(25.0, 16, 16)) as store,
    ):
        store.copy("a", {"rgb": tmp_path / "bad.npy"})


def test_an_empty_store_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(HcutalError, match="no video"),
        write_store(tmp_path / "s", "t", SnippetTimes(25.0, 16, 16)),
    ):
        pass
