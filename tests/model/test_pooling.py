import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from torch.nn import functional

from hcutal.model import pooling
from hcutal.model.pooling import (
    closest_rotation,
    deviation_scores,
    nearest_neighbours,
    select_snippets,
    smooth,
    whiten,
)


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_smooth_by_hand() -> None:
    assert smooth(torch.tensor([[0.0, 3.0, 6.0, 0.0]]), 3).tolist() == [[1.0, 3.0, 3.0, 2.0]]


def test_smooth_refuses_even_widths() -> None:
    with pytest.raises(ValueError, match="odd, found 2"):
        smooth(torch.rand(1, 4), 2)


def test_deviation_finds_the_snippets_that_differ() -> None:
    features = torch.tensor([1.0, 0.0]).expand(1, 12, 2).clone()
    features[0, 4:7] = torch.tensor([0.0, 1.0])
    scores = deviation_scores(features, 1)
    assert scores[0].tolist() == [2.0 if 4 <= t < 7 else 0.0 for t in range(12)]
    assert select_snippets(scores, 3).tolist() == [[4, 5, 6]]


def test_select_keeps_time_order_and_checks_the_count() -> None:
    assert select_snippets(torch.tensor([[1.0, 9.0, 3.0, 8.0]]), 3).tolist() == [[1, 2, 3]]
    with pytest.raises(ValueError, match="between 1 and T = 4, found 5"):
        select_snippets(torch.rand(1, 4), 5)


def test_whitening_agrees_with_scikit_learn() -> None:
    pooled = draw(30, 6) * torch.tensor([9.0, 1, 5, 0.1, 3, 2])
    mean, projection = whiten(pooled, 4)
    ours = (pooled - mean) @ projection
    theirs = PCA(4, whiten=True, svd_solver="full").fit_transform(pooled.numpy()) * np.sqrt(30 / 29)
    np.testing.assert_allclose(ours.abs(), np.abs(theirs), rtol=1e-9)


def test_whitening_fewer_directions_than_asked() -> None:
    mean, projection = whiten(draw(3, 5), 4)
    whitened = (draw(3, 5) - mean) @ projection
    assert projection[:, 2:].abs().max() == 0
    np.testing.assert_allclose((whitened[:, :2] ** 2).mean(dim=0), 1)


def test_rotation_agrees_with_scipy() -> None:
    new, old = draw(20, 4), draw(20, 8)[:, 4:]
    np.testing.assert_allclose(
        closest_rotation(new, old), orthogonal_procrustes(new.numpy(), old.numpy())[0], atol=1e-12
    )


@pytest.mark.parametrize("rows", [1, 7, 1024])
def test_neighbours_agree_with_scikit_learn(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooling, "ROWS", rows)
    pooled = draw(20, 6)
    ours = nearest_neighbours(pooled, 4)
    graph = NearestNeighbors(n_neighbors=5, metric="cosine").fit(pooled.numpy())
    theirs = graph.kneighbors(pooled.numpy(), return_distance=False)[:, 1:]
    assert [set(row) for row in ours.tolist()] == [set(row) for row in theirs.tolist()]


def test_neighbours_are_of_other_recordings_where_there_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooling, "ROWS", 7)
    pooled, apart = draw(20, 6), torch.arange(20) % 5
    similar = functional.normalize(pooled, dim=1) @ functional.normalize(pooled, dim=1).T
    for index, found in enumerate(nearest_neighbours(pooled, 4, apart).tolist()):
        order = [
            other for other in similar[index].argsort(descending=True).tolist() if other % 5 != index % 5
        ]
        assert found == order[:4]
    # With as many neighbours as recordings, those of the own one count.
    assert torch.equal(nearest_neighbours(pooled, 5, apart), nearest_neighbours(pooled, 5))


def test_few_videos() -> None:
    assert nearest_neighbours(draw(3, 2), 5).shape == (3, 2)
    assert nearest_neighbours(draw(2, 2), 5).tolist() == [[1], [0]]
    with pytest.raises(ValueError, match="two videos"):
        nearest_neighbours(draw(1, 2), 5)
