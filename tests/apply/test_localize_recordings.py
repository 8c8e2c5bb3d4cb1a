"""Many recordings: extracted as the run's features were, and one that fails does not stop the others."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcutal.apply.inputs import gather
from hcutal.apply.localize_recordings import localize_all
from hcutal.apply.trained import TrainedRun
from hcutal.errors import HcutalError
from tests.apply.conftest import SECONDS


def test_recordings_give_what_their_features_give(run: TrainedRun) -> None:
    extracted = localize_all(gather([Path("raw")], run), run)
    given = localize_all(gather([Path("features/ds")], run), run)
    assert [found.name for found in extracted.found] == ["a", "b", "c"]
    for one, other in zip(extracted.found, given.found, strict=True):
        assert one.media == Path("raw", f"{one.name}.npy").resolve()
        assert other.media is None
        assert one.duration == SECONDS[one.name]
        np.testing.assert_array_equal(one.cas, other.cas)
        # A partial snippet at the end has no features.
        assert 0 <= one.duration - other.duration < 16 / 50
        same = [
            table.assign(end=table["end"].clip(upper=other.duration))
            for table in (one.proposals, other.proposals)
        ]
        pd.testing.assert_frame_equal(*same)


def test_times_are_the_middles_of_the_snippets(run: TrainedRun) -> None:
    found = {item.name: item for item in localize_all(gather([Path("features/ds")], run), run).found}
    np.testing.assert_allclose(found["c"].times, (np.arange(37) + 0.5) * 16 / 50)
    # The network was trained on 60 snippets of a recording; it looks at all 93 of b.
    assert len(found["b"].times) == len(found["b"].cas) == 93
    assert np.all(np.diff(found["b"].times) > 0) and found["b"].times[-1] < found["b"].duration


def test_one_that_fails_is_named_and_the_others_go_on(run: TrainedRun) -> None:
    np.save("raw/flat.npy", np.zeros((500, 5), dtype=np.float32))
    (Path("raw") / "empty.npy").touch()
    values = np.load("features/ds/gyroscope/b.npy")
    values[3] = np.nan
    np.save("features/ds/gyroscope/b.npy", values)
    paths = [
        Path("raw/flat.npy"),
        Path("raw/empty.npy"),
        Path("raw/c.npy"),
        Path("features/ds/gyroscope/b.npy"),
    ]
    outcome = localize_all(gather(paths, run), run)
    assert [found.name for found in outcome.found] == ["c"]
    assert sorted(outcome.failed) == ["b", "empty", "flat"]
    assert "NaN or infinite feature values" in outcome.failed["b"]
    assert "flat.npy" in outcome.failed["flat"]


def test_another_rate_of_the_extractor_is_refused(run: TrainedRun) -> None:
    features = run.features.model_copy(update={"fps": 100.0})
    other = TrainedRun(run.name, run.localizer, run.mapping, run.params, features)
    with pytest.raises(HcutalError, match=r"extractor watch: fps is 50\.0, the run was trained on 100\.0"):
        localize_all(gather([Path("raw")], other), other)
