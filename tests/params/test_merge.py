from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.params.merge import merge
from hcutal.params.propose import ProposeParams
from hcutal.params.section import Section
from hcutal.params.train import TrainParams

trees = st.recursive(
    st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=8
)
mappings = st.dictionaries(st.sampled_from("abc"), trees)


@given(mappings, mappings)
def test_merge_keeps_what_is_not_overridden(base: dict[str, Any], overrides: dict[str, Any]) -> None:
    merged = merge(base, overrides, Section)
    assert merged.keys() == base.keys() | overrides.keys()
    assert all(merged[key] == base[key] for key in base.keys() - overrides.keys())
    assert merge(merged, overrides, Section) == merged


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"hard": {"tiou": 0.7}}, {"hard": {"tiou": 0.7}}),
        ({"hard": {}}, {"hard": {}}),
        ({"soft": {}}, {"soft": {"sigma": 0.3}}),
        ({"soft": {"sigma": 0.5}}, {"soft": {"sigma": 0.5}}),
        ({}, {"soft": {"sigma": 0.3}}),
    ],
)
def test_another_form_takes_the_place_of_the_one_before(overrides: Any, expected: Any) -> None:
    base = ProposeParams().model_dump(mode="json")
    merged = merge(base, {"suppression": overrides}, ProposeParams)
    assert merged == {**base, "suppression": expected}


def test_values_of_one_form_are_merged_at_any_depth() -> None:
    base = {"weights": {"dynamic": {"temperature": 2.0, "period": 25}}, "video": {"clusters": 16}}
    overrides = {"weights": {"dynamic": {"period": 5}}, "video": {"clusters": {"estimate": {"most": 9}}}}
    assert merge(base, overrides, TrainParams) == {
        "weights": {"dynamic": {"temperature": 2.0, "period": 5}},
        "video": {"clusters": {"estimate": {"most": 9}}},
    }


def test_null_takes_the_place_of_a_section_and_gives_it_back() -> None:
    base = {"neighbours": {"count": 10, "share": 0.5}}
    without = merge(base, {"neighbours": None}, Section)
    assert without == {"neighbours": None}
    assert merge(without, {"neighbours": {"count": 3}}, Section) == {"neighbours": {"count": 3}}
