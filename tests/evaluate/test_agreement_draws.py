"""ARI and NMI under draws of recordings, against scikit-learn on the recordings that were drawn."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from hcutal.errors import HcutalError
from hcutal.evaluate.agreement_draws import drawn_agreement
from hcutal.evaluate.draws import how_often


@pytest.mark.parametrize(
    ("recordings", "clusters", "classes"), [(30, 4, 3), (7, 7, 2), (12, 1, 4), (9, 1, 1)]
)
def test_each_draw_scores_as_its_recordings_written_out(recordings: int, clusters: int, classes: int) -> None:
    rng = np.random.default_rng(recordings)
    names = [f"v{number:02}" for number in range(recordings)]
    found = dict(zip(names, rng.integers(clusters, size=recordings).tolist(), strict=True))
    labels = {name: [f"class {rng.integers(classes)}"] for name in names}
    drawn = drawn_agreement(found, labels, "first", draws=40, seed=3)
    weights = how_often(np.random.default_rng(3), recordings, 40).astype(int)
    for draw in range(40):
        there = np.repeat(names, weights[:, draw])
        truth, cluster = [labels[name][0] for name in there], [found[name] for name in there]
        assert drawn["ARI"][draw] == pytest.approx(adjusted_rand_score(truth, cluster), abs=1e-12)
        assert drawn["NMI"][draw] == pytest.approx(normalized_mutual_info_score(truth, cluster), abs=1e-9)


def test_draws_in_chunks_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {f"v{number}": number % 3 for number in range(10)}
    labels = {name: [str(number % 2)] for number, name in enumerate(found)}
    whole = drawn_agreement(found, labels, "first", draws=25, seed=0)
    monkeypatch.setattr("hcutal.evaluate.agreement_draws.CHUNK", 40)
    parts = drawn_agreement(found, labels, "first", draws=25, seed=0)
    assert all((parts[name] == whole[name]).all() for name in whole)


def test_without_labels_there_is_nothing_to_measure() -> None:
    assert drawn_agreement({"a": 0}, {"a": []}, "first", draws=3, seed=0) == {}
    with pytest.raises(HcutalError, match="draws are 0; expected 1 or more"):
        drawn_agreement({"a": 0}, {"a": ["x"]}, "first", draws=0, seed=0)
