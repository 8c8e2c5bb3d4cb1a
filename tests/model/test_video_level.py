import pytest
import torch

from hcutal.losses.horizontal import horizontal_loss
from hcutal.losses.vertical import vertical_loss
from hcutal.model.network import HCUTAL, NetworkShape, drop, initialise
from hcutal.model.video_level import VideoLevel
from hcutal.params.train_video import VideoParams


def make(shared: bool = False, components: int = 3, **options: object) -> VideoLevel:
    params = VideoParams.model_validate(
        {"clusters": 3, "hidden": 8, "dropout": 0.0, "noise": 0.0, "shared": shared, **options}
    )
    shape = NetworkShape(4, 6, outputs=3, clusters=3, hidden=8, shared=shared, components=components)
    network = HCUTAL(shape)
    initialise(network, torch.Generator().manual_seed(0))
    return VideoLevel(network, params, torch.Generator().manual_seed(1))


def snippets(videos: int = 7, length: int = 10) -> torch.Tensor:
    return torch.randn(videos, length, 4, generator=torch.Generator().manual_seed(2))


def test_halves_without_neighbours_are_the_printed_loss() -> None:
    level = make(components=0, views="halves", neighbours=None)
    level.choose(snippets(), None)
    first, second = snippets()[:, :5].mean(dim=1), snippets()[:, 5:].mean(dim=1)
    network = level.network
    horizontal, vertical = level.loss()
    expected = horizontal_loss(network.horizontal(first), network.horizontal(second), 0.4)
    torch.testing.assert_close(horizontal, expected)
    soft = [network.vertical(view).softmax(dim=1) for view in (first, second)]
    torch.testing.assert_close(vertical, vertical_loss(soft[0], soft[1], 0.9))


@pytest.mark.parametrize("views", ["random", "halves"])
@pytest.mark.parametrize("length", [1, 2, 5])
def test_no_view_is_empty(views: str, length: int) -> None:
    level = make(views=views)
    level.choose(snippets(30, length), None)
    for member in level._views(30):
        assert (member.sum(dim=1) >= 1).all()


def test_heads_see_whitened_features() -> None:
    level = make()
    level.choose(snippets() * 50 + 7, None)
    covariance = torch.cov(level.pooled().T, correction=0)
    torch.testing.assert_close(covariance, torch.eye(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(level.pooled().mean(dim=0), torch.zeros(3), atol=1e-4, rtol=0)
    assert level.assignments().sum(dim=1).tolist() == pytest.approx([1] * 7)


def test_new_directions_stay_close_to_those_before() -> None:
    level = make()
    level.choose(snippets(), None)
    before = level.pooled()
    nearly = snippets() + 1e-3 * torch.randn(7, 10, 4, generator=torch.Generator().manual_seed(5))
    level.choose(nearly, None)
    torch.testing.assert_close(level.pooled(), before, atol=0.02, rtol=0)
    torch.testing.assert_close(torch.cov(level.pooled().T, correction=0), torch.eye(3), atol=1e-4, rtol=0)


def test_scores_choose_the_snippets_that_are_pooled() -> None:
    level = make(pooled_share=0.2)
    values, scores = snippets(), torch.zeros(7, 10)
    scores[:, [3, 8]] = 1
    level.choose(values, scores)
    torch.testing.assert_close(level.bank, values[:, [3, 8]])


def test_a_shared_embedding_is_what_is_pooled_and_it_is_trained() -> None:
    level = make(shared=True)
    level.choose(snippets(), None)
    assert level.pooled().shape == (7, 3)
    sum(level.loss()).backward()
    gradient = level.network.embed.weight.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0


def test_partners_are_neighbours_or_the_video_itself() -> None:
    level = make(neighbours={"count": 2, "share": 0.5})
    level.choose(snippets(), None)
    batch = torch.arange(7)
    seen = torch.stack([level._partners(batch, 0.5) for _ in range(60)])
    for video in range(7):
        assert set(seen[:, video].tolist()) == {video, *level.neighbours[video].tolist()}


def test_large_sets_are_taken_in_batches() -> None:
    level = make(batch=5)
    level.choose(snippets(), None)
    batches = [tuple(level._batch().tolist()) for _ in range(10)]
    assert all(len(set(batch)) == 5 for batch in batches)
    assert len(set(batches)) > 1


def test_dropout_keeps_the_expectation() -> None:
    dropped = drop(torch.ones(100_000), 0.75, torch.Generator().manual_seed(0))
    assert set(dropped.unique().tolist()) == {0.0, 4.0}
    assert float(dropped.mean()) == pytest.approx(1, abs=0.03)
