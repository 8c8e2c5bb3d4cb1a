from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.errors import HcutalError
from hcutal.extract.frame_extractor import describe
from hcutal.extract.vectors import VectorExtractor, read_vectors
from hcutal.params.extractors import VectorFeatures

SMALL = VectorFeatures(fps=10.0, snippet_frames=2, stride=2, window_frames=4)


def test_by_hand() -> None:
    frames = np.array([[0.0], [1.0], [3.0], [3.0], [3.0], [7.0]])
    found = describe(frames, SMALL)
    # Windows of four frames around snippets of two, mirrored at the ends: 0 0 1 3, 1 3 3 3, 3 3 7 7.
    np.testing.assert_allclose(found["posture"][:, 0], [1.0, 2.5, 5.0])
    np.testing.assert_allclose(found["motion"][:, 0], [np.std([0, 0, 1, 3]), np.std([1, 3, 3, 3]), 2.0])
    np.testing.assert_allclose(found["motion"][:, 1], [10 * 3 / 3, 10 * 2 / 3, 10 * 4 / 3], rtol=1e-6)


@given(st.integers(1, 80), st.integers(1, 9), st.integers(1, 9), st.integers(2, 20))
def test_number_of_snippets(frames: int, size: int, stride: int, window: int) -> None:
    params = VectorFeatures(snippet_frames=size, stride=stride, window_frames=window)
    found = describe(np.zeros((frames, 2)), params)
    starts = [start for start in range(0, frames, stride) if start + size <= frames] or [0]
    assert found["posture"].shape == (len(starts), 2)
    assert found["motion"].shape == (len(starts), 4)


def test_centred_skeletons_do_not_depend_on_the_place(tmp_path: Path) -> None:
    pose = np.random.default_rng(0).normal(size=(40, 5, 2))
    np.save(tmp_path / "here.npy", pose)
    np.save(tmp_path / "there.npy", pose + np.array([10.0, -3.0]))
    extractor = VectorExtractor(VectorFeatures(centre=True))
    here, there = (extractor.extract(tmp_path / f"{name}.npy") for name in ("here", "there"))
    np.testing.assert_allclose(here["posture"], there["posture"], atol=1e-5)
    assert here["posture"].shape == (2, 10)
    assert extractor.probe(tmp_path / "here.npy") == 40 / 25


def test_csv_with_times_is_brought_to_the_rate(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("time,x,y\n5.0,0,1\n5.1,1,\n5.4,4,1\n")
    frames = read_vectors(tmp_path / "log.csv", SMALL)
    np.testing.assert_allclose(frames, [[0, 1], [1, 1], [2, 1], [3, 1], [4, 1]])


def test_gaps_are_filled(tmp_path: Path) -> None:
    np.save(tmp_path / "gaps.npy", np.array([[np.nan], [0.0], [np.nan], [4.0]]))
    np.testing.assert_allclose(read_vectors(tmp_path / "gaps.npy", SMALL)[:, 0], [0, 0, 2, 4])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "x,y\n1,left\n", r"a\.csv: column y holds 'left' \(line 2\); expected numbers"),
        ("a.csv", "x\n", r"a\.csv: no row; expected numbers"),
        ("a.csv", "", r"a\.csv: not a CSV table"),
        ("a.csv", "time,x\n1,2\n1,3\n", r"a\.csv: column time does not rise"),
        ("a.csv", "x,y\n1,\n2,\n", r"a\.csv: no value in dimension y"),
        ("a.npy", "nonsense", r"a\.npy: not an npy file of numbers"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(HcutalError, match=message):
        VectorExtractor(SMALL).extract(tmp_path / name)


@pytest.mark.parametrize(
    ("array", "centre", "message"),
    [
        (np.zeros(4), False, r"float64 \(4,\); expected numbers \[frames, D\]"),
        (np.zeros((4, 2)), True, r"expected numbers \[frames, joints, coordinates\]"),
        (np.zeros((0, 2)), False, r"\(0, 2\)"),
        (np.full((4, 2), np.inf), False, "infinite values"),
        (np.array([["a"]]), False, "expected numbers"),
    ],
)
def test_bad_arrays(tmp_path: Path, array: np.ndarray, centre: bool, message: str) -> None:
    np.save(tmp_path / "a.npy", array)
    params = SMALL.model_copy(update={"centre": centre})
    with pytest.raises(HcutalError, match=message):
        read_vectors(tmp_path / "a.npy", params)
