import gc
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.data.unique_json import collector_paused, read_unique_json
from hcutal.errors import HcutalError

text = st.text(st.sampled_from('a:"\\ é'), max_size=4)
values = st.recursive(
    st.none() | st.integers(-9, 9) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


@given(values, st.booleans(), st.sampled_from([None, 2]))
def test_reads_what_json_reads(tmp_path_factory, value, ascii_only, indent):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(value, ensure_ascii=ascii_only, indent=indent), encoding="utf-8")
    assert read_unique_json(path) == value


@pytest.mark.parametrize(
    "content",
    [
        '{"v": 1, "v": 1}',
        '{"a": [{"v": "x:y", "v": {}}]}',
        # Escaped colons make up for the one that is lost.
        r'{"v": "\u003a", "v": "\u003a"}',
        r'{"v": "\u003A\u003A", "w": 1, "v": "\u003A"}',
        r'{"v": 1, "\u0076": 2}',
    ],
)
def test_keys_that_stand_twice_are_refused(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(HcutalError, match=r"a\.json: v: occurs twice in one object"):
        read_unique_json(tmp_path / "a.json")


def test_the_collector_goes_on_after_an_error():
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), collector_paused():
        assert not gc.isenabled()
        1 / 0
    assert gc.isenabled()
    gc.disable()
    try:
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
