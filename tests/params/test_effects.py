"""The helper of the tests of effects itself: no field escapes it."""

from typing import Annotated

from pydantic import BaseModel, Field

from tests.params.effects import Change, differing, leaves, nested, uncovered


class Soft(BaseModel):
    sigma: float = 0.3


class Hard(BaseModel):
    tiou: Annotated[float, Field(gt=0)] = 0.5


class Inner(BaseModel):
    depth: int = 1


class Outer(BaseModel):
    plain: int = 0
    inner: Inner = Inner()
    choice: Soft | Hard | None = None
    many: dict[str, Inner] = {}


def test_every_value_is_a_leaf_and_a_choice_is_one_too() -> None:
    assert list(leaves(Outer)) == [
        "plain",
        "inner.depth",
        "choice",
        "choice.sigma",
        "choice.tiou",
        "many",
        "many.depth",
    ]


def test_dotted_keys_become_sections() -> None:
    base = {"a": {"b": {"c": 1}}}
    assert nested({**base, "a.b.d": 2, "e": [3]}) == {"a": {"b": {"c": 1, "d": 2}}, "e": [3]}
    assert base == {"a": {"b": {"c": 1}}}


def test_a_field_that_is_missing_unknown_or_named_twice_is_told() -> None:
    changes = {"depth": Change(2, set())}
    assert uncovered(Inner, changes, {}) == []
    assert uncovered(Inner, {}, {}) == ["depth"]
    assert uncovered(Inner, changes, {"width": "why"}) == ["width"]
    assert uncovered(Inner, changes, {"depth": "why"}) == ["depth"]


def test_outputs_that_only_one_has_differ() -> None:
    assert differing({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b", "c"}
