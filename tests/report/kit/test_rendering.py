"""How numbers, times and names are written."""

import pytest

from hcutal.report.kit.rendering import clock, counted, flatten, shorten


@pytest.mark.parametrize(
    ("seconds", "text", "short"),
    [
        (0.0, "0:00.0", "0:00"),
        (59.94, "0:59.9", "1:00"),
        (59.96, "1:00.0", "1:00"),
        (600.0, "10:00.0", "10:00"),
        (3599.99, "1:00:00.0", "1:00:00"),
        (7384.25, "2:03:04.2", "2:03:04"),
    ],
)
def test_clock(seconds: float, text: str, short: str) -> None:
    assert (clock(seconds), clock(seconds, tenths=False)) == (text, short)


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "class", "1 class"),
        (2, "class", "2 classes"),
        (0, "segment", "0 segments"),
        (1200, "segment", "1,200 segments"),
    ],
)
def test_counts_agree_with_their_noun(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text


def test_long_names_are_cut() -> None:
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abcd", 4) == "abcd"


def test_nested_settings_become_dotted_names() -> None:
    assert flatten({"a": 1, "b": {"c": [2], "d": {"e": None}}}) == [("a", 1), ("b.c", [2]), ("b.d.e", None)]
