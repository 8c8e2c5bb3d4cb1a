import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from hcutal.model.mining import dilate, erode, gather_snippets, mine_snippets

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


def test_a_short_ring_is_filled_without_doubles() -> None:
    actionness = torch.tensor([[0.0, 0.0, 0.0, 9.0, 0.0, 0.0]])
    mined = mine_snippets(actionness, easy=1, hard=4, inner=1, outer=3)
    for index in (mined.action_boundary, mined.background_boundary):
        assert len(set(index[0].tolist())) == 4
    assert mined.action_boundary[0, 0] == 3


def test_gather() -> None:
    features = torch.arange(24.0).reshape(2, 4, 3)
    taken = gather_snippets(features, torch.tensor([[3, 0], [1, 1]]))
    assert taken[0].tolist() == [[9.0, 10.0, 11.0], [0.0, 1.0, 2.0]]
    assert taken[1].tolist() == [[15.0, 16.0, 17.0]] * 2


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
