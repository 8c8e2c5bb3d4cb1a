from pathlib import Path

import pytest

from hcutal.data.thumos14 import LISTS, is_thumos14, list_of
from hcutal.data.thumos14 import test_videos as videos_of

SPLIT = Path(__file__).resolve().parents[2] / "../shared/data/thumos14/split_test.txt"


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_as_many_videos_as_its_name_says(name):
    videos = videos_of(name)
    assert len(videos) == int(name)
    assert list_of(videos) == name
    assert is_thumos14(videos)


def test_what_the_lists_leave_out():
    everything = videos_of("213")
    missing = {name: {int(v[-4:]) for v in everything - videos_of(name)} for name in LISTS}
    assert missing == {"213": set(), "212": {1292}, "211": {270, 1292}, "210": {270, 1292, 1496}}


@pytest.mark.skipif(not SPLIT.exists(), reason="shared data are not here")
def test_the_shortest_is_the_split_of_the_field():
    assert videos_of("210") == set(SPLIT.read_text().split())


def test_other_videos_are_no_list():
    assert list_of(["video_test_0000004"]) is None
    assert is_thumos14(["video_test_0000004", "video_validation_0000051"])
    assert not is_thumos14(["video_validation_0000051"])
    assert not is_thumos14(["video_test_0000004", "v_abc"])
    assert not is_thumos14([])
