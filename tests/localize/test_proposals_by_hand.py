"""Proposals of a sequence that is simple enough to compute them on paper."""

import numpy as np
import pytest

from hcutal.data.times import SnippetTimes
from hcutal.localize.axis import TimeAxis
from hcutal.localize.proposals import localize, selected_classes
from hcutal.params.propose import ProposeParams

# 40 snippets of half a second, four points each. `run` is high in snippets 10 to 19, `jump` in 24 to 27. Between the
# middles of two snippets the normalised CAS rises or falls by .125, .375, .625, .875. Above .35 a run takes the three
# higher ones of each ramp, above .375 the two highest.
CAS = np.full((40, 2), 0.05, dtype=np.float32)
CAS[10:20, 0], CAS[24:28, 1] = 4, 2
AXIS = TimeAxis(np.arange(40), snippets=40, seconds=SnippetTimes(2.0, 1, 1), upsample=4, duration=20)
WIDE, NARROW = 3, 2


def by_hand(snippets: int, steps: int) -> float:
    """Outer-inner contrast of a run over a plateau of so many snippets with so many steps of each ramp."""
    ramp = [0.125, 0.375, 0.625, 0.875]
    inside = [1.0] * (4 * snippets - 4) + 2 * ramp[4 - steps :]
    margin = -(-len(inside) // 4)
    outside = 2 * sum(ramp[: 4 - steps]) / (2 * margin)
    return sum(inside) / len(inside) - outside


def found(**changes: object) -> list[tuple[str, float, float, float]]:
    values = {"thresholds": {"cas": [0.35, 0.375]}, "suppression": {"hard": {"tiou": 1.0}}, **changes}
    table = localize(
        CAS, np.array([0.6, 0.3]), {}, AXIS, ["run", "jump"], ProposeParams.model_validate(values)
    )
    return list(table[["label", "start", "end", "score"]].itertuples(index=False, name=None))


def test_the_contrasts_on_paper() -> None:
    # 42 points: 36 of 1 and twice 1.875; 11 points on each side, one of .125.
    assert by_hand(10, WIDE) == pytest.approx((36 + 3.75) / 42 - 0.25 / 22)
    # 40 points: 36 of 1 and twice 1.5; 10 points on each side, .125 and .375 among them.
    assert by_hand(10, NARROW) == pytest.approx((36 + 3) / 40 - 1 / 20)


def test_scores_are_the_contrast_and_a_fifth_of_the_class_score() -> None:
    expected = [
        ("run", 4.875, 10.125, by_hand(10, WIDE) + 0.2 * 0.6),
        ("run", 5.0, 10.0, by_hand(10, NARROW) + 0.2 * 0.6),
        ("jump", 11.875, 14.125, by_hand(4, WIDE) + 0.2 * 0.3),
        ("jump", 12.0, 14.0, by_hand(4, NARROW) + 0.2 * 0.3),
    ]
    for row, (label, start, end, score) in zip(found(), expected, strict=True):
        assert row[0] == label
        assert row[1:] == pytest.approx((start, end, score), abs=1e-9)


def test_a_proposal_that_is_just_long_enough_stays() -> None:
    assert {row[0] for row in found(min_length=5.0)} == {"run"}
    assert [row[1:3] for row in found(min_length=5.0)] == [(4.875, 10.125), (5.0, 10.0)]
    assert [row[1:3] for row in found(min_length=5.001)] == [(4.875, 10.125)]


def test_the_best_class_is_localized_beside_one_without_a_score() -> None:
    assert selected_classes(np.array([0.1, 0.0]), 0.2).tolist() == [0]
    assert selected_classes(np.array([0.0, 0.1, 0.0]), 0.2).tolist() == [1]


def test_proposals_with_the_same_score_stay_in_the_order_of_class_and_time() -> None:
    # 40 snippets that are high or not as high in turn, each between two that are not, alike for both classes.
    cas = np.zeros((81, 2), dtype=np.float32)
    cas[1::4], cas[3::4] = 1, 0.5
    axis = TimeAxis(np.arange(81), snippets=81, seconds=SnippetTimes(1.0, 1, 1), upsample=1)
    params = ProposeParams.model_validate({"thresholds": {"cas": [0.4]}, "suppression": {"hard": {}}})
    table = localize(cas, np.array([0.5, 0.5]), {}, axis, ["run", "jump"], params)
    expected = [
        (score, label, start)
        for score in (1.1, 0.6)
        for label in ("run", "jump")
        for start in range(1, 80, 4)
    ]
    assert table["score"].tolist() == pytest.approx([score for score, _, _ in expected])
    assert table["label"].tolist() == [label for _, label, _ in expected]
    assert table["start"].tolist() == [start + 2 * (score < 1) for score, _, start in expected]
    assert table.index.tolist() == list(range(80))
