import pytest

from hcutal.data.activitynet import is_bmn, named_alike, read_subsets
from hcutal.errors import HcutalError


def test_names_with_and_without_their_prefix():
    known = ["v_a", "v_b", "v_c"]
    assert named_alike(["a", "b"], known) == {"a": "v_a", "b": "v_b"}
    assert named_alike(["v_a", "v_x"], known) == {"v_a": "v_a", "v_x": "v_x"}
    assert named_alike(["v_a", "v_b"], ["a", "b"]) == {"v_a": "a", "v_b": "b"}
    assert named_alike(["x", "y"], known) == {"x": "x", "y": "y"}
    assert named_alike([], known) == {}


def test_names_that_would_fall_together_stay():
    assert named_alike(["v_a", "a", "v_b"], ["a", "b", "c"]) == {"v_a": "v_a", "a": "a", "v_b": "v_b"}


def test_the_form_is_known_by_its_durations():
    assert is_bmn({"v_a": {"duration_second": 3, "annotations": []}})
    assert not is_bmn({"v_a": {"duration_second": 3}, "v_b": {"annotations": []}})
    assert not any(map(is_bmn, ({}, [], {"database": {}}, {"v_a": 3})))


def test_reads_the_subsets_of_the_videos_asked_for(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("video,fps,subset\nv_a,25,training\nv_b,30,validation\nv_c,30,testing\n")
    assert read_subsets(path, ["v_b", "v_a"]) == {"v_a": "train", "v_b": "validation"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a CSV table"),
        (b"name,subset\nv_a,training\n", "no column video; found name, subset"),
        (b"video,subset\nv_a,dev\n", "v_a: subset is 'dev'; expected train"),
        (b"video,subset\nv_a\n", "v_a: subset is .*; expected train"),
        (b"video,subset\nv_b,training\n", "no row for 1 of 1 annotated videos, the first is v_a"),
        (b"\xff\xfe\x00", "not a CSV table"),
        (None, "no such file"),
    ],
)
def test_bad_tables_are_named(tmp_path, content, message):
    path = tmp_path / "t.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HcutalError, match=rf"t\.csv: {message}"):
        read_subsets(path, ["v_a"])
