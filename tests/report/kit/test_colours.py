"""The colours of classes."""

from hcutal.report.kit.colours import GREY, PALETTE, class_colours


def test_colours_repeat_only_for_the_first_and_the_rest_turns_grey() -> None:
    many = [f"c{n}" for n in range(20)]
    assert [class_colours(many)[name] for name in many[12:]] == list(PALETTE[:8])
    mixed = class_colours(["b", "a"], ["a", "c", *many])
    assert [mixed[name] for name in "bac"] == list(PALETTE[:3])
    assert mixed["c19"] == GREY
