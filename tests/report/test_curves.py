"""CAS of recordings: their times, and curves with fewer points."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hcutal.data.store import FeatureMeta
from hcutal.errors import HcutalError
from hcutal.model.checkpoint import Localizer
from hcutal.model.network import HCUTAL, NetworkShape
from hcutal.params.top import TopParams
from hcutal.report.curves import Curves, pooled, read_cas


def curves(snippets: int = 3, **arrays: np.ndarray) -> Curves:
    """Of a recording `v` with so many snippets of 2 s, one a second."""
    meta = FeatureMeta(
        extractor="x",
        fps=25.0,
        snippet_frames=50,
        stride=25,
        streams={"a": 1},
        videos=1,
        lengths={"v": snippets},
    )
    return Curves(Path("cas.npz"), ["run", "jump"], {"classes": np.array(["run", "jump"]), **arrays}, meta)


def test_each_class_has_its_curve_and_each_snippet_its_middle() -> None:
    found = curves(v=np.arange(6.0).reshape(3, 2), b=np.zeros((1, 2)))
    times, end, own = found.of("v")
    assert found.recordings == ["b", "v"]
    assert times.tolist() == [1.0, 2.0, 3.0] and end == 4.0
    assert {label: curve.tolist() for label, curve in own.items()} == {"run": [0, 2, 4], "jump": [1, 3, 5]}


def test_of_a_long_recording_the_times_are_those_of_the_snippets_that_were_looked_at() -> None:
    times, end, _ = curves(10, v=np.zeros((5, 2))).of("v")
    # Snippets 0, 2, 4, 6 and 8: not the middles of five equal parts, which are half a second later.
    assert times.tolist() == [1.0, 3.0, 5.0, 7.0, 9.0] and end == 11.0


@pytest.mark.parametrize("snippets", [40, 101, 250, 1800])
def test_the_times_are_those_of_the_rows_of_the_model(snippets: int) -> None:
    torch.manual_seed(0)
    network = HCUTAL(NetworkShape(inputs=1, embedding=4, outputs=2, clusters=2, hidden=4, shared=False))
    features = np.random.default_rng(0).normal(size=(snippets, 1)).astype(np.float32)
    seen = Localizer(network, 100, TopParams(part=8), "unsupervised", None, {"a": 1}).cas(features, "trained")
    times, _, found = curves(snippets, v=seen.cas).of("v")
    assert found["run"].tolist() == seen.cas[:, 0].tolist()
    # Snippet t covers t to t + 2 s. Spread evenly, the rows of half an hour (1800) would stand 8.5 s late.
    assert times.tolist() == pytest.approx((seen.rows + 1.0).tolist())


@pytest.mark.parametrize("rows", [0, 4])
def test_a_cas_that_does_not_fit_its_recording_is_named(rows: int) -> None:
    with pytest.raises(HcutalError, match=rf"cas\.npz: v has {rows} rows; expected 1 to 3, its snippets"):
        curves(v=np.zeros((rows, 2))).of("v")


@pytest.mark.parametrize("shape", [(3,), (3, 3)])
def test_an_array_that_does_not_fit_the_classes_is_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(HcutalError, match=r"cas\.npz: v is \(3.*\); expected \[T, 2\]"):
        curves(v=np.zeros(shape)).of("v")


@given(st.lists(st.floats(0, 1), max_size=40), st.integers(1, 12))
def test_a_pooled_curve_keeps_its_peaks(values: list[float], most: int) -> None:
    times, curve = np.arange(len(values)) * 0.5, np.array(values)
    pooled_times, found = pooled(times, curve, most)
    assert len(found) == len(pooled_times) == min(len(values), most)
    if len(values) > most:
        ends = [int(k) for k in np.linspace(0, len(values), most + 1)]
        runs = [slice(*pair) for pair in pairwise(ends)]
        assert found.tolist() == [curve[run].max() for run in runs]
        assert pooled_times.tolist() == pytest.approx([times[run].mean() for run in runs])
    else:
        assert found is curve


def test_the_archive_of_the_cas_is_checked(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"cas\.npz: no such file"):
        read_cas(tmp_path / "cas.npz")
    (tmp_path / "cas.npz").write_bytes(b"nothing")
    with pytest.raises(HcutalError, match=r"cas\.npz: not a NumPy archive"):
        read_cas(tmp_path / "cas.npz")
    np.savez(tmp_path / "cas.npz", video=np.zeros((2, 2)))
    with pytest.raises(HcutalError, match=r"cas\.npz: no array 'classes'"):
        read_cas(tmp_path / "cas.npz")
