"""Recordings of signals drawn in characters."""

import numpy as np
import pytest

from hcutal.extract.extractor import RawSignals
from hcutal.extract.small_picture import MOST, WIDTH, small_picture


def drawn(values: np.ndarray, encoding: str = "utf-8", name: str = "x") -> str:
    """The picture alone of a column."""
    (line,) = small_picture(RawSignals([name], values[:, None], 10.0), encoding)
    return line.split("  ")[1]


def test_a_burst_reaches_over_the_whole_height_and_the_rest_lies_low() -> None:
    values = np.zeros(1120)
    values[560:570] = 1.0
    picture = drawn(values)
    assert len(picture) == WIDTH
    # The lowest dots alone, but for the span whose two values both are the greatest.
    assert picture == "⣀" * 28 + "⢁" + "⣀" * 27


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "no-such"])
def test_without_braille_the_picture_is_plain(encoding: str) -> None:
    values = np.repeat([0.0, 1.0, 0.5], 400)
    picture = drawn(values, encoding)
    assert picture.isascii()
    assert picture.startswith("_____") and "^^^^^" in picture and picture.endswith("-----")


def test_a_span_that_swings_fills_its_place() -> None:
    swinging = np.tile([0.0, 1.0], 560)
    assert drawn(swinging) == "⣿" * WIDTH
    assert drawn(swinging, "ascii") == "|" * WIDTH


def test_a_column_that_never_changes_lies_in_the_middle() -> None:
    assert set(drawn(np.full(300, 7.0), "ascii")) == {"-"}


def test_few_values_make_a_short_picture() -> None:
    assert len(drawn(np.arange(3.0))) == 2
    assert len(drawn(np.array([1.0]))) == 1


def test_ranges_stand_beside_and_columns_beyond_the_first_are_counted() -> None:
    values = np.linspace([0.0] * 12, [1500.0] * 12, 200)
    lines = list(
        small_picture(RawSignals([f"a_very_long_name_of_a_column_{n}" for n in range(12)], values, 10.0))
    )
    assert len(lines) == MOST + 1
    assert lines[0].startswith("a_very_long_name_...  ") and lines[0].endswith("  0 to 1500")
    assert lines[-1] == "and 4 more columns"
