"""One recording: the parts of localization put together."""

import numpy as np

from hcutal.cluster.mapping import MappingRow
from hcutal.data.times import SnippetTimes
from hcutal.localize.apply import localize_recording
from hcutal.localize.merge import class_map
from hcutal.model.checkpoint import Activation
from hcutal.params.propose import ProposeParams, SnippetChoice

MAPPING = class_map([MappingRow(0, "run", 1, 1, 1), MappingRow(1, "jump", 1, 1, 1)], 2)
PARAMS = ProposeParams.model_validate(
    {"thresholds": {"cas": [0.5]}, "class_threshold": 0.0, "upsample": 1, "class_weight": 0.0}
)


TIMES = SnippetTimes(10.0, 20, 20)


class Model:
    """The first two features are the CAS; looks at every `every`-th snippet."""

    def __init__(self, every: int = 1) -> None:
        self._every = every

    def cas(self, features: np.ndarray, snippets: SnippetChoice) -> Activation:
        rows = np.arange(0, len(features), self._every)
        cas = features[rows, :2]
        return Activation(rows, cas, np.array([0.5, 0.5], np.float32), cas.sum(axis=1), cas.sum(axis=1))


def features() -> np.ndarray:
    values = np.zeros((10, 3), dtype=np.float32)
    values[2:5, 0] = 1
    values[6:10, 1] = 1
    return values


def test_snippets_become_seconds_and_columns_names() -> None:
    found = localize_recording(Model(), features(), TIMES, float("inf"), MAPPING, PARAMS)
    # Snippets of 2 s: the third to the fifth are 4 to 10 s, the seventh to the tenth 12 to 20 s.
    rows = found.proposals.sort_values("start")
    assert rows[["start", "end", "label"]].to_numpy().tolist() == [[4.0, 10.0, "run"], [12.0, 20.0, "jump"]]
    np.testing.assert_array_equal(found.cas[:, MAPPING.classes.index("run")], features()[:, 0])
    np.testing.assert_array_equal(found.rows, np.arange(10))


def test_nothing_lasts_longer_than_the_recording() -> None:
    found = localize_recording(Model(), features(), TIMES, 17.0, MAPPING, PARAMS)
    assert found.proposals["end"].max() == 17.0


def test_of_a_long_recording_some_snippets_are_looked_at() -> None:
    found = localize_recording(Model(every=2), features(), TIMES, float("inf"), MAPPING, PARAMS)
    assert found.rows.tolist() == [0, 2, 4, 6, 8]
    assert len(found.cas) == 5
