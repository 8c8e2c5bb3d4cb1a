"""Which warm-ups are made, and which one training goes on from."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as unhurried
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from hcutal.model.start import WarmUp, WarmUpKind, agreements, next_kind, warmup_count, winner
from hcutal.params.train_video import NeighbourParams, VideoParams

HALVES = [0, 0, 0, 1, 1, 1]
OTHERS = [0, 1, 0, 1, 0, 1]
MIXED = [0, 1, 1, 0, 1, 0]


CLUSTERS = 10


def params(
    pooling: Sequence[str], counts: Sequence[int], restarts: int = 2, directions: Sequence[int] = (10,)
) -> VideoParams:
    neighbours = NeighbourParams(count=list(counts)) if counts else None
    return VideoParams(
        clusters=CLUSTERS,
        pooling=list(pooling),  # type: ignore[arg-type]
        neighbours=neighbours,
        restarts=restarts,
        components=[number / CLUSTERS for number in directions],
    )


def run(settings: VideoParams, outcomes: dict[WarmUpKind, list[tuple[float, list[int]]]]) -> list[WarmUp]:
    """All warm-ups that are asked for, with the given losses and clusters."""
    left, done = {kind: list(values) for kind, values in outcomes.items()}, []
    while kind := next_kind(done, settings):
        done.append(WarmUp(kind, *left[kind].pop(0)))
    return done


def test_the_rule_of_pooling_is_that_of_the_lowest_loss_with_the_same_neighbours() -> None:
    settings = params(["mean", "deviation"], [5])
    done = run(
        settings,
        {
            WarmUpKind("mean", 5, 10): [(6.0, HALVES), (5.0, HALVES)],
            WarmUpKind("deviation", 5, 10): [(4.5, OTHERS), (7.0, MIXED)],
        },
    )
    assert done[winner(done, settings)] == WarmUp(WarmUpKind("deviation", 5, 10), 4.5, OTHERS)


def test_the_number_of_neighbours_is_that_on_whose_clusters_the_restarts_agree() -> None:
    settings = params(["mean"], [2, 5, 10])
    done = run(
        settings,
        {
            # The nearest neighbour makes the lowest loss, and any clusters.
            WarmUpKind("mean", 2, 10): [(1.0, HALVES), (1.0, MIXED)],
            WarmUpKind("mean", 5, 10): [(3.0, HALVES), (2.0, [1, 1, 1, 0, 0, 0])],
            WarmUpKind("mean", 10, 10): [(4.0, HALVES), (4.0, [0, 0, 1, 1, 1, 1])],
        },
    )
    # Names of clusters do not matter; of the two restarts with 5, the second has the lower loss.
    assert winner(done, settings) == [each.loss for each in done].index(2.0)


def test_of_numbers_that_are_alike_the_largest_is_taken() -> None:
    settings = params(["mean"], [3, 7], restarts=3)
    nearly = [0, 0, 0, 1, 1, 0]
    done = run(
        settings,
        {
            WarmUpKind("mean", 3, 10): [(1.0, HALVES), (1.0, HALVES), (1.0, nearly)],
            WarmUpKind("mean", 7, 10): [(2.0, HALVES), (2.0, nearly), (2.0, nearly)],
        },
    )
    # Both have one pair that agrees in full and two that do not: the same mean.
    assert done[winner(done, settings)].kind.neighbours == 7


def test_the_number_of_directions_is_chosen_last_and_alike() -> None:
    settings = params(["mean"], [3, 5], directions=[20, 5, 10])
    done = run(
        settings,
        {
            WarmUpKind("mean", 3, 20): [(1.0, HALVES), (1.0, HALVES)],
            WarmUpKind("mean", 5, 20): [(1.0, HALVES), (1.0, MIXED)],
            # Fewer directions have another loss, which says nothing.
            WarmUpKind("mean", 3, 5): [(0.5, HALVES), (0.5, OTHERS)],
            WarmUpKind("mean", 3, 10): [(4.0, HALVES), (3.0, [1, 1, 1, 0, 0, 0])],
        },
    )
    # 10 and 20 agree in full: the larger one is taken. Five are not tried with five neighbours.
    assert done[winner(done, settings)].kind == WarmUpKind("mean", 3, 20)
    assert len(done) == 8 == warmup_count(settings)


def test_a_positive_number_of_components_is_one_direction_at_least() -> None:
    few = VideoParams(clusters=2, components=[0.1, 1.25])
    assert few.directions == [1, 2]
    assert VideoParams(clusters=2, components=0).directions == [0]


def test_agreement_is_the_adjusted_rand_index_of_each_pair() -> None:
    kind = WarmUpKind("mean", 3, 10)
    found = agreements([WarmUp(kind, 0.0, clusters) for clusters in (HALVES, OTHERS, MIXED)])
    pairs = [(HALVES, OTHERS), (HALVES, MIXED), (OTHERS, MIXED)]
    assert found == {kind: pytest.approx([adjusted_rand_score(*pair) for pair in pairs])}


# The first call imports scikit-learn, which takes longer than Hypothesis grants an example.
@unhurried(deadline=None)
@given(
    st.sampled_from([["mean"], ["mean", "deviation"]]),
    st.lists(st.integers(1, 9), unique=True),
    st.integers(2, 4),
    st.lists(st.integers(1, 30), unique=True, min_size=1),
)
def test_every_number_is_tried_under_one_rule_and_every_rule_with_one_number(
    pooling: list[str], counts: list[int], restarts: int, directions: list[int]
) -> None:
    settings = params(pooling, counts, restarts, directions)
    draws = np.random.default_rng(0)
    done: list[WarmUp] = []
    while kind := next_kind(done, settings):
        done.append(WarmUp(kind, float(draws.random()), draws.integers(3, size=12).tolist()))
    assert len(done) == warmup_count(settings)
    assert {each.kind.pooling for each in done} == set(pooling)
    chosen = done[winner(done, settings)].kind
    most = max(directions)
    tried = {each.kind for each in done}
    assert {(k.pooling, k.directions) for k in tried if k.neighbours == chosen.neighbours} >= {
        (chosen.pooling, number) for number in directions
    }
    assert {k.neighbours for k in tried if k.pooling == chosen.pooling} == set(counts or [0])
    assert {k.directions for k in tried if k.neighbours != chosen.neighbours} <= {most}
    assert all(sum(each.kind == kind for each in done) == restarts for kind in tried)


def test_without_a_choice_only_restarts_are_made() -> None:
    settings = params(["mean"], [], restarts=1)
    assert warmup_count(settings) == 1
    assert next_kind([], settings) == WarmUpKind("mean", 0, 10)
    assert next_kind([WarmUp(WarmUpKind("mean", 0, 10), 1.0, HALVES)], settings) is None
    assert winner([WarmUp(WarmUpKind("mean", 0, 10), 1.0, HALVES)], settings) == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"restarts": 1}, "with restarts 1, expected one neighbours.count"),
        ({"warmup": 0}, "with warmup 0, expected restarts 1, one pooling"),
        (
            {"restarts": 1, "neighbours": {"count": 5}},
            "with restarts 1, expected one neighbours.count and one number of components",
        ),
        ({"pooling": []}, "at least 1 item"),
        ({"pooling": ["mean", "mean"]}, "each value once"),
    ],
)
def test_starts_that_could_not_be_told_apart_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VideoParams(**values)  # type: ignore[arg-type]
