import pytest

from hcutal.data.meeting import Meeting, plain, plain_keys
from hcutal.errors import HcutalError

COMPOSED, DECOMPOSED = "\u00e9", "e\u0301"


def test_names_as_macos_writes_them_are_the_same() -> None:
    assert plain(DECOMPOSED) == plain(f" {COMPOSED}\t") == COMPOSED
    assert Meeting.of([DECOMPOSED, "b"], [COMPOSED, "b "]).both == ["b", COMPOSED]


def test_what_does_not_meet_is_counted_with_examples() -> None:
    text = Meeting.of("abcdef", "fg").text("recordings", "annotated", "predicted")
    assert text == (
        "recordings: 1 both annotated and predicted; 5 only annotated (a, b, c, ...); 1 only predicted (g)"
    )


def test_two_names_that_become_the_same_are_refused() -> None:
    with pytest.raises(HcutalError, match="gt: 'a ' stands there twice"):
        plain_keys({"a": 1, "a ": 2}, "gt")
