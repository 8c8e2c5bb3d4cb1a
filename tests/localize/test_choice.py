"""What is said of a choice of segments."""

import pytest

from hcutal.localize.choice import Choice


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice(), "does not overlap with those before, and so on; with a score of 0.3 or more."),
        (Choice(0.5, 0.1, 7), "has at most a tIoU of 0.5 with those before"),
        (Choice(top=7), "0.3 or more; the best 7 of a recording."),
    ],
)
def test_a_choice_says_what_it_is(choice: Choice, words: str) -> None:
    assert words in str(choice)
