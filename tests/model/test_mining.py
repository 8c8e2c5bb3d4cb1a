import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from hcutal.model.mining import dilate, erode, gather_rows, mine_snippets

masks = st.lists(st.booleans(), min_size=1, max_size=20)


@given(masks, st.sampled_from([1, 3, 5, 7]))
def test_dilation_and_erosion_agree_with_scipy(mask: list[bool], width: int) -> None:
    ours = torch.tensor([mask], dtype=torch.float32)
    structure = np.ones(width, dtype=bool)
    assert dilate(ours, width)[0].bool().tolist() == ndimage.binary_dilation(mask, structure).tolist()
    eroded = ndimage.binary_erosion(mask, structure, border_value=1)
    assert erode(ours, width)[0].bool().tolist() == eroded.tolist()


def test_mined_by_hand() -> None:
    # One action of ten snippets in the middle of twenty: rings of inner 3, outer 7 are two snippets wide on each side.
    actionness = torch.zeros(1, 20)
    actionness[0, 5:15] = torch.tensor([2.0, 3.0, 4.0, 5.0, 6.0, 6.5, 5.5, 4.5, 3.5, 2.5])
    mined = mine_snippets(actionness, easy=2, hard=4, inner=3, outer=7)
    assert sorted(mined.action[0].tolist()) == [9, 10]
    assert set(mined.background[0].tolist()) <= set(range(5)) | set(range(15, 20))
    assert sorted(mined.action_boundary[0].tolist()) == [6, 7, 12, 13]
    assert sorted(mined.background_boundary[0].tolist()) == [2, 3, 16, 17]


def slow_ring(mask: list[bool], inner: int, outer: int) -> tuple[set[int], set[int]]:
    """Snippets of the mask that the wide window sees the end of and the narrow one does not; likewise outside of it."""

    def reach(place: int, width: int) -> list[bool]:
        return mask[max(0, place - width // 2) : place + width // 2 + 1]

    inside = {t for t in range(len(mask)) if all(reach(t, inner)) and not all(reach(t, outer))}
    outside = {t for t in range(len(mask)) if any(reach(t, outer)) and not any(reach(t, inner))}
    return inside, outside


@given(
    st.lists(st.integers(0, 1000), min_size=8, max_size=24, unique=True),
    st.sampled_from([(1, 3), (3, 7), (1, 5)]),
)
def test_mined_snippets_agree_with_the_definition(values: list[int], windows: tuple[int, int]) -> None:
    mined = mine_snippets(torch.tensor([values], dtype=torch.float32), 2, 3, *windows)
    order = sorted(range(len(values)), key=lambda t: values[t])
    assert mined.action[0].tolist() == order[::-1][:2]
    assert mined.background[0].tolist() == order[:2]
    median = sorted(values)[(len(values) - 1) // 2]
    mask = [value > median for value in values]
    inside, outside = slow_ring(mask, *windows)
    for found, ring, side in (
        (mined.action_boundary, inside, mask),
        (mined.background_boundary, outside, [not value for value in mask]),
    ):
        # First the ring, then its side of the mask, then the rest; the highest actionness first in each.
        expected = sorted(range(len(values)), key=lambda t: (t not in ring, not side[t], -values[t]))[:3]
        assert found[0].tolist() == expected


def test_a_short_ring_is_filled_without_doubles() -> None:
    actionness = torch.tensor([[0.0, 0.0, 0.0, 9.0, 0.0, 0.0]])
    mined = mine_snippets(actionness, easy=1, hard=4, inner=1, outer=3)
    for index in (mined.action_boundary, mined.background_boundary):
        assert len(set(index[0].tolist())) == 4
    assert mined.action_boundary[0, 0] == 3


def test_rows_are_gathered_for_choices_of_different_sizes_and_their_gradients_add_up() -> None:
    features = torch.arange(24.0).reshape(2, 4, 3).requires_grad_()
    both = (torch.arange(2), torch.tensor([[3, 0], [1, 1]]))
    second = (torch.tensor([1, 1, 0]), torch.tensor([[1], [2], [3]]))
    taken, single = gather_rows(features, [both, second])
    assert taken[0].tolist() == [[9.0, 10.0, 11.0], [0.0, 1.0, 2.0]]
    assert taken[1].tolist() == [[15.0, 16.0, 17.0]] * 2
    assert single[:, 0].tolist() == [[15.0, 16.0, 17.0], [18.0, 19.0, 20.0], [9.0, 10.0, 11.0]]
    (taken.sum() + 10 * single.sum()).backward()
    assert features.grad is not None
    assert features.grad[:, :, 0].tolist() == [[1.0, 0.0, 0.0, 11.0], [0.0, 12.0, 10.0, 0.0]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"easy": 0}, "found easy 0"),
        ({"hard": 9}, "between 1 and T = 8"),
        ({"inner": 7}, "inner < outer"),
        ({"inner": 2}, "must be odd"),
    ],
)
def test_bad_settings(options: dict[str, int], message: str) -> None:
    settings = {"easy": 2, "hard": 2, "inner": 3, "outer": 7} | options
    with pytest.raises(ValueError, match=message):
        mine_snippets(torch.rand(1, 8), **settings)
