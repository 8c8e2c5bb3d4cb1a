import numpy as np
import pytest

from hcutal.cluster.estimate import estimate_clusters
from hcutal.errors import HcutalError


def blobs(clusters: int, each: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = 6 * np.eye(clusters, 20)
    return np.concatenate([centre + rng.normal(0, 0.3, (each, 20)) for centre in centres])


@pytest.mark.parametrize("clusters", [2, 3, 5])
def test_separate_groups_are_counted(clusters: int) -> None:
    found = estimate_clusters(blobs(clusters, 16), most=8, components=1.25, draws=6, seed=0)
    assert found.clusters == clusters
    assert found.stability[clusters] == pytest.approx(1.0)
    assert sorted(found.stability) == list(range(2, 9))


def test_same_seed_same_estimate_and_labels_play_no_part() -> None:
    noise = np.random.default_rng(1).normal(size=(30, 6))
    first, second = (estimate_clusters(noise, 6, 1.25, 4, seed=3) for _ in range(2))
    assert first == second


def test_few_recordings_have_few_clusters() -> None:
    assert set(estimate_clusters(blobs(2, 5), 16, 0.0, 3, 0).stability) == {2}
    with pytest.raises(
        HcutalError, match=r"3 recordings to train on; expected 4 or more .*clusters: {estimate: {}}"
    ):
        estimate_clusters(np.zeros((3, 4)), 16, 1.25, 3, 0)


def test_identical_recordings_do_not_break_it() -> None:
    with np.errstate(invalid="ignore"):
        assert estimate_clusters(np.ones((12, 4)), 4, 1.25, 2, 0).clusters == 2
