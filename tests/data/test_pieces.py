"""Pieces of recordings cover them, have one length, and overlap as they should."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hcutal.data.pieces import cut, whole


@given(st.lists(st.integers(1, 60), max_size=5), st.integers(1, 20), st.data())
def test_pieces_cover_every_snippet_in_equal_lengths(
    lengths: list[int], size: int, data: st.DataObject
) -> None:
    hop = data.draw(st.integers(1, size))
    videos = [str(number) for number in range(len(lengths))]
    pieces = cut(videos, lengths, size, hop)
    for video, length in zip(videos, lengths, strict=True):
        own = [piece for piece in pieces if piece.video == video]
        assert {row for piece in own for row in range(piece.first, piece.last)} == set(range(length))
        assert all(piece.length == min(size, length) for piece in own)
        assert len(set(own)) == len(own)
        steps = [other.first - one.first for one, other in pairwise(own)]
        assert all(step == hop for step in steps[:-1])
        assert all(0 < step <= hop for step in steps)


def test_a_recording_is_one_piece() -> None:
    assert [(piece.video, piece.first, piece.last) for piece in whole(["a", "b"], [3, 5])] == [
        ("a", 0, 3),
        ("b", 0, 5),
    ]
