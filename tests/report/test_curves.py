"""CAS of recordings: their times, and curves with fewer points."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.data.store import FeatureMeta
from hcutal.errors import HcutalError
from hcutal.report.curves import Curves, pooled

META = FeatureMeta(
    extractor="x", fps=25.0, snippet_frames=50, stride=25, streams={"a": 1}, videos=1, lengths={"v": 3}
)


def curves(**arrays: np.ndarray) -> Curves:
    return Curves(Path("cas.npz"), ["run", "jump"], {"classes": np.array(["run", "jump"]), **arrays}, META)


def test_each_class_has_its_curve_and_each_snippet_its_middle() -> None:
    found = curves(v=np.arange(6.0).reshape(3, 2), b=np.zeros((1, 2)))
    times, end, own = found.of("v")
    assert found.videos == ["b", "v"]
    # Snippets of 2 s, one a second.
    assert times.tolist() == [1.0, 2.0, 3.0] and end == 4.0
    assert {label: curve.tolist() for label, curve in own.items()} == {"run": [0, 2, 4], "jump": [1, 3, 5]}


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
