"""What a model says besides the CAS reaches the source of candidates that it belongs to."""

import numpy as np
import pandas as pd
import pytest

from hcutal.cluster.mapping import MappingRow
from hcutal.data.times import SnippetTimes
from hcutal.localize.apply import localize_recording
from hcutal.localize.choice import Choice
from hcutal.localize.merge import class_map
from hcutal.localize.segments import select
from hcutal.model.checkpoint import Activation
from hcutal.params.propose import ProposeParams, SnippetChoice

CLUSTERS = [MappingRow(0, "run", 1, 2, 1), MappingRow(1, "run", 2, 2, 1)]


class Model:
    """Each sequence is high in snippets of its own; so are the two clusters, of which the second has a score of .75."""

    def cas(self, features: np.ndarray, snippets: SnippetChoice) -> Activation:
        high = {"first": (1, 3), "second": (4, 8), "actionness": (9, 12), "magnitude": (13, 18)}
        step = {name: np.zeros(20, dtype=np.float32) for name in high}
        for name, (start, end) in high.items():
            step[name][start:end] = 1
        cas = np.stack([step["first"], step["second"]], axis=1)
        return Activation(np.arange(20), cas, np.array([0.25, 0.75]), step["actionness"], step["magnitude"])


def found(weights: str = "binary", **changes: object) -> pd.DataFrame:
    values = {
        "thresholds": {"cas": [0.5]},
        "suppression": {"hard": {"tiou": 1.0}},
        "upsample": 1,
        **changes,
    }
    mapping = class_map(CLUSTERS, 2, weights)  # type: ignore[arg-type]
    params = ProposeParams.model_validate(values)
    times = SnippetTimes(1.0, 1, 1)
    return localize_recording(Model(), np.zeros((20, 2), np.float32), times, 20.0, mapping, params).proposals


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["cas"], [(1, 3), (4, 8)]),
        (["actionness"], [(9, 12)]),
        (["magnitude"], [(13, 18)]),
        (["magnitude", "cas", "actionness"], [(1, 3), (4, 8), (9, 12), (13, 18)]),
    ],
)
def test_each_source_gives_its_own_candidates(sources: list[str], expected: list[tuple[int, int]]) -> None:
    thresholds = {"cas": None, **{source: [0.5] for source in sources}}
    table = found(thresholds=thresholds).sort_values("start")
    assert list(table[["start", "end"]].itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize("source", ["cas", "actionness", "magnitude"])
def test_values_stand_where_the_anchor_says_in_every_source(source: str) -> None:
    middle, start = (
        found(thresholds={"cas": None, source: [0.5]}, anchor=anchor, upsample=4)[["start", "end"]].to_numpy()
        for anchor in ("middle", "start")
    )
    # Half a snippet early; a point of a quarter of a snippet is in or out.
    np.testing.assert_allclose(np.sort(start, axis=0), np.sort(middle, axis=0) - 0.5, atol=0.25)
    assert (start != middle).any()


def test_the_clusters_of_a_class_are_merged_as_asked() -> None:
    assert found(merge="max")["start"].tolist() == [1.0, 4.0]
    # A quarter of the first cluster and three quarters of the second: a third of the height.
    assert found(merge="weighted")["start"].tolist() == [4.0]


def test_the_class_score_is_that_of_its_clusters() -> None:
    for weights, expected in (("binary", 1.0), ("share", 0.25 / 2 + 0.75)):
        scores = (
            found(weights, class_weight=2.0)["score"].to_numpy() - found(weights, class_weight=1.0)["score"]
        )
        np.testing.assert_allclose(scores, expected, rtol=1e-6)


def test_segments_are_numbered_from_0() -> None:
    table = pd.DataFrame({"start": [5.0, 0.0], "end": [6.0, 1.0], "label": ["b", "a"], "score": [0.9, 0.8]})
    assert select(table, Choice()).index.tolist() == [0, 1]
