"""The rate by which tools count frames: that of a film where it is constant, of an array that of its rows."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from hcutal.extract.own_rate import own_rate
from hcutal.extract.registry import Recipe
from tests.extract.video.videos import numbered, write_video

VECTORS = Recipe("vectors", {"fps": 20.0}).make()
IMAGES = [numbered(index) for index in range(50)]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.avi", "mpeg4"), ("a.webm", "libvpx"), ("a.mpg", "mpeg2video")],
)
def test_a_film_has_its_own_rate(tmp_path: Path, name: str, codec: str) -> None:
    path = write_video(tmp_path / name, IMAGES, codec=codec, tick=Fraction(1, 25))
    assert own_rate(path, VECTORS) == pytest.approx(25, abs=0.01)


def test_a_film_whose_rate_varies_has_none(tmp_path: Path) -> None:
    times = [index / 25 if index < 25 else 1 + (index - 25) / 10 for index in range(50)]
    assert own_rate(write_video(tmp_path / "a.mp4", IMAGES, times), VECTORS) is None


def test_rows_of_arrays_have_a_rate_and_those_of_tables_none(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((40, 3)))
    (tmp_path / "a.csv").write_text("time,x\n0,1\n1,2\n")
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    rates = [own_rate(tmp_path / name, VECTORS) for name in ("a.npy", "a.csv", "broken.mp4")]
    assert rates == [20.0, None, None]
