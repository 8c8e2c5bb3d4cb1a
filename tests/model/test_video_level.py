from dataclasses import replace

import pytest
import torch

from hcutal.losses.horizontal import horizontal_loss
from hcutal.losses.vertical import vertical_loss
from hcutal.model.network import HCUTAL, NetworkShape, drop, initialise
from hcutal.model.packed import SampledSnippets
from hcutal.model.video_level import VideoLevel, _pool
from hcutal.params.train_video import VideoParams


def make(shared: bool = False, components: int = 3, **options: object) -> VideoLevel:
    params = VideoParams.model_validate(
        {"clusters": 3, "hidden": 8, "dropout": 0.0, "noise": 0.0, "shared": shared, **options}
    )
    shape = NetworkShape(4, 6, outputs=3, clusters=3, hidden=8, shared=shared, components=components)
    network = HCUTAL(shape)
    initialise(network, torch.Generator().manual_seed(0))
    return VideoLevel(network, params, torch.Generator().manual_seed(1), seed=0)


def snippets(videos: int = 7, length: int = 10) -> torch.Tensor:
    return torch.randn(videos, length, 4, generator=torch.Generator().manual_seed(2))


def whole(bank: SampledSnippets) -> torch.Tensor:
    return torch.cat(list(bank.parts()))


def test_halves_without_neighbours_are_the_printed_loss() -> None:
    level = make(components=0, views="halves", neighbours=None)
    level.choose(SampledSnippets.of(snippets()), None)
    first, second = snippets()[:, :5].mean(dim=1), snippets()[:, 5:].mean(dim=1)
    network = level.network
    horizontal, vertical = level.losses().values()
    expected = horizontal_loss(network.horizontal(first), network.horizontal(second), 0.4)
    torch.testing.assert_close(horizontal, expected)
    soft = [network.vertical(view).softmax(dim=1) for view in (first, second)]
    torch.testing.assert_close(vertical, vertical_loss(soft[0], soft[1], 0.9))


@pytest.mark.parametrize("views", ["random", "halves"])
@pytest.mark.parametrize("length", [1, 2, 5])
def test_no_view_is_empty(views: str, length: int) -> None:
    level = make(views=views)
    level.choose(SampledSnippets.of(snippets(30, length)), None)
    for member in level._views(30):
        assert (member.sum(dim=1) >= 1).all()


def test_heads_see_whitened_features() -> None:
    level = make()
    level.choose(SampledSnippets.of(snippets() * 50 + 7), None)
    covariance = torch.cov(level.pooled().T, correction=0)
    torch.testing.assert_close(covariance, torch.eye(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(level.pooled().mean(dim=0), torch.zeros(3), atol=1e-4, rtol=0)
    assert level.assignments().sum(dim=1).tolist() == pytest.approx([1] * 7)


def test_heads_see_no_more_directions_than_are_taken() -> None:
    level = make(noise=0.5)
    for directions in (3, 2, 1):
        level.kind = replace(level.kind, directions=directions)
        level.choose(SampledSnippets.of(snippets() * 50 + 7), None)
        covariance = torch.cov(level.pooled().T, correction=0)
        expected = torch.diag((torch.arange(3) < directions).float())
        torch.testing.assert_close(covariance, expected, atol=1e-4, rtol=0)
        view = level.network.view(level.pooled(), 0.5, level.generator)
        assert view.any(dim=0).tolist() == [number < directions for number in range(3)]


def test_new_directions_stay_close_to_those_before() -> None:
    level = make()
    level.choose(SampledSnippets.of(snippets()), None)
    before = level.pooled()
    nearly = snippets() + 1e-3 * torch.randn(7, 10, 4, generator=torch.Generator().manual_seed(5))
    level.choose(SampledSnippets.of(nearly), None)
    torch.testing.assert_close(level.pooled(), before, atol=0.02, rtol=0)
    torch.testing.assert_close(torch.cov(level.pooled().T, correction=0), torch.eye(3), atol=1e-4, rtol=0)


def test_scores_choose_the_snippets_that_are_pooled() -> None:
    level = make(pooled_share=0.2)
    values, scores = snippets(), torch.zeros(7, 10)
    scores[:, [3, 8]] = 1
    level.choose(SampledSnippets.of(values), scores)
    torch.testing.assert_close(whole(level.bank), values[:, [3, 8]])


def test_a_shared_embedding_is_what_is_pooled_and_it_is_trained() -> None:
    level = make(shared=True)
    level.choose(SampledSnippets.of(snippets()), None)
    assert level.pooled().shape == (7, 3)
    sum(level.losses().values()).backward()
    gradient = level.network.embed.weight.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0


def test_the_second_view_of_the_vertical_loss_is_of_a_neighbour() -> None:
    level = make(views="halves", neighbours={"count": 1, "share": 1.0})
    level.choose(SampledSnippets.of(snippets()), None)
    network = level.network
    seen = network.coordinates(snippets())
    first, second = seen[:, :5].mean(dim=1), seen[:, 5:].mean(dim=1)
    unit = torch.nn.functional.normalize(seen.mean(dim=1), dim=1)
    nearest = (unit @ unit.T - 9 * torch.eye(7)).argmax(dim=1)
    horizontal, vertical = level.losses().values()
    expected = horizontal_loss(network.horizontal(first), network.horizontal(second), 0.4)
    torch.testing.assert_close(horizontal, expected)
    soft = [network.vertical(view).softmax(dim=1) for view in (first, second[nearest])]
    torch.testing.assert_close(vertical, vertical_loss(soft[0], soft[1], 0.9))


def test_the_parameters_of_both_losses_reach_them() -> None:
    values = {"tau_h": 0.7, "tau_v": 0.2, "entropy": 3.0}
    level = make(components=0, views="halves", neighbours=None, **values)
    level.choose(SampledSnippets.of(snippets()), None)
    first, second = snippets()[:, :5].mean(dim=1), snippets()[:, 5:].mean(dim=1)
    network = level.network
    horizontal, vertical = level.losses().values()
    torch.testing.assert_close(
        horizontal, horizontal_loss(network.horizontal(first), network.horizontal(second), 0.7)
    )
    torch.testing.assert_close(
        vertical, vertical_loss(network.assign(first), network.assign(second), 0.2, 3.0)
    )


def test_halves_of_an_odd_number_share_no_snippet_and_of_one_are_the_same() -> None:
    level = make(views="halves", shared=True)
    level.choose(SampledSnippets.of(snippets(2, 5)), None)
    first, second = level._views(2)
    assert first.tolist() == [[1, 1, 1, 0, 0]] * 2
    assert second.tolist() == [[0, 0, 0, 1, 1]] * 2
    level.choose(SampledSnippets.of(snippets(2, 1)), None)
    assert [part.tolist() for part in level._views(2)] == [[[1.0]] * 2] * 2


@pytest.mark.parametrize("length", [1, 2, 5])
def test_halves_that_do_not_change_are_kept_as_their_means(length: int) -> None:
    level = make(views="halves")
    level.choose(SampledSnippets.of(snippets(6, length)), None)
    seen = level.network.coordinates(snippets(6, length))
    half = (length + 1) // 2
    first, second = seen[:, :half].mean(dim=1), seen[:, half:].mean(dim=1)
    views = level._views(6)
    found = [_pool(level._snippets(None), view) for view in views]
    torch.testing.assert_close(found[0], first)
    torch.testing.assert_close(found[1], first if length == 1 else second)
    torch.testing.assert_close(level.pooled(), seen.mean(dim=1))
    assert level.inputs.shape == (6, min(length, 2), 3)


def test_random_views_hold_half_of_the_snippets_and_differ() -> None:
    level = make()
    level.choose(SampledSnippets.of(snippets(400, 10)), None)
    first, second = level._views(400)
    assert set(first.unique().tolist()) == {0.0, 1.0}
    assert float(first.mean()) == pytest.approx(0.5, abs=0.03)
    # Drawn apart, so that a quarter of the snippets are in both.
    assert float((first * second).mean()) == pytest.approx(0.25, abs=0.03)


def test_deviation_chooses_the_snippets_before_the_localizer_has_learnt() -> None:
    level = make(pooling="deviation", pooled_share=0.3, smooth=1)
    values = torch.ones(7, 10, 4)
    values[:, [1, 4, 8]] = torch.tensor([1.0, -1.0, 1.0, -1.0]) * torch.arange(1.0, 4.0)[:, None]
    level.choose(SampledSnippets.of(values), None)
    torch.testing.assert_close(whole(level.bank), values[:, [1, 4, 8]])
    level.choose(SampledSnippets.of(values), torch.arange(10.0).expand(7, 10))
    torch.testing.assert_close(whole(level.bank), values[:, 7:])
    mean = make(pooled_share=0.3)
    mean.choose(SampledSnippets.of(values), None)
    torch.testing.assert_close(whole(mean.bank), values)


def test_a_share_is_rounded_to_snippets() -> None:
    for share, count in ((0.28, 3), (0.22, 2), (1.0, 10)):
        level = make(pooled_share=share)
        level.choose(SampledSnippets.of(snippets()), torch.arange(10.0).expand(7, 10))
        torch.testing.assert_close(whole(level.bank), snippets()[:, 10 - count :])


def test_a_small_share_keeps_one_snippet() -> None:
    level = make(pooled_share=0.01)
    level.choose(SampledSnippets.of(snippets()), torch.arange(10.0).expand(7, 10))
    torch.testing.assert_close(whole(level.bank), snippets()[:, 9:])


def test_assignments_are_those_of_the_vertical_head_on_whole_videos() -> None:
    level = make()
    level.choose(SampledSnippets.of(snippets()), None)
    pooled = level.network.coordinates(snippets()).mean(dim=1)
    torch.testing.assert_close(level.assignments(), level.network.vertical(pooled).softmax(dim=1).detach())


def test_all_views_are_as_noisy_as_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    level = make(noise=0.125, neighbours={"count": 2})
    level.choose(SampledSnippets.of(snippets()), None)
    view, seen = level.network.view, []
    monkeypatch.setattr(
        level.network,
        "view",
        lambda pooled, noise, source: seen.append(noise) or view(pooled, noise, source),
    )
    level.losses()
    # The two views of each video, and that of its neighbour.
    assert seen == [0.125] * 3


def test_partners_are_neighbours_or_the_video_itself() -> None:
    level = make(neighbours={"count": 2, "share": 0.5})
    level.choose(SampledSnippets.of(snippets()), None)
    batch = torch.arange(7)
    seen = torch.stack([level._partners(batch, 0.5) for _ in range(60)])
    for video in range(7):
        assert set(seen[:, video].tolist()) == {video, *level.neighbours[video].tolist()}


def test_two_videos_are_neighbours_and_one_has_none() -> None:
    pair, alone = make(components=0), make(components=0)
    pair.choose(SampledSnippets.of(snippets(2)), None)
    assert pair.neighbours.tolist() == [[1], [0]]
    alone.choose(SampledSnippets.of(snippets(1)), None)
    assert len(alone.neighbours) == 0
    assert all(torch.isfinite(part) for part in alone.losses().values())


def test_large_sets_are_taken_in_batches() -> None:
    level = make(batch=5)
    level.choose(SampledSnippets.of(snippets()), None)
    batches = [tuple(level._batch().tolist()) for _ in range(10)]
    assert all(len(set(batch)) == 5 for batch in batches)
    assert len(set(batches)) > 1


def test_dropout_keeps_the_expectation() -> None:
    dropped = drop(torch.ones(100_000), 0.75, torch.Generator().manual_seed(0))
    assert set(dropped.unique().tolist()) == {0.0, 4.0}
    assert float(dropped.mean()) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("kept", ["horizontal", "vertical"])
def test_either_loss_alone_is_that_of_both_and_trains_its_head_alone(kept: str) -> None:
    other = "vertical" if kept == "horizontal" else "horizontal"
    both, alone = (make(views="halves", neighbours=None, **values) for values in ({}, {other: False}))
    for level in (both, alone):
        level.choose(SampledSnippets.of(snippets()), None)
    found = alone.losses()
    assert list(found) == [kept]
    torch.testing.assert_close(found[kept], both.losses()[kept])
    found[kept].backward()
    head, left = getattr(alone.network, kept), getattr(alone.network, other)
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in head.parameters())
    assert all(parameter.grad is None for parameter in left.parameters())


def directed(level: VideoLevel, degrees: list[float]) -> None:
    """Let g_h say these directions, each with a length of its own, of as many videos."""
    angles = torch.deg2rad(torch.tensor(degrees))
    lengths = torch.linspace(1, 9, len(degrees))[:, None]
    said = lengths * torch.stack([angles.cos(), angles.sin(), 0 * angles], dim=1)
    level.network.horizontal.forward = lambda pooled: said  # type: ignore[method-assign]


def test_without_the_vertical_loss_clusters_are_directions_of_g_h_and_keep_their_numbers() -> None:
    level = make(vertical=False)
    level.choose(SampledSnippets.of(snippets()), None)
    directed(level, [0, 2, 1, 120, 121, 240, 241])
    first = level.assignments()
    assert first.shape == (7, 3)
    assert first.sum(dim=1).tolist() == [1.0] * 7
    a, b, c = (int(first[video].argmax()) for video in (0, 3, 5))
    assert len({a, b, c}) == 3
    assert first.argmax(dim=1).tolist() == [a, a, a, b, b, c, c]
    # All turn round by 120 degrees, and one video goes over to the others: k-means meets them in another order.
    directed(level, [120, 122, 240, 240, 241, 0, 1])
    assert level.assignments().argmax(dim=1).tolist() == [a, a, b, b, b, c, c]


def test_without_the_vertical_loss_a_seed_decides_the_clusters() -> None:
    def found(seed: int) -> list[int]:
        level = make(vertical=False)
        level.seed = seed
        level.choose(SampledSnippets.of(snippets(60)), None)
        return level.assignments().argmax(dim=1).tolist()

    assert found(1) == found(1) != found(2)


def test_without_the_vertical_loss_there_are_no_more_clusters_than_videos() -> None:
    level = make(vertical=False)
    level.choose(SampledSnippets.of(snippets(2)), None)
    assert sorted(level.assignments().argmax(dim=1).tolist()) == [0, 1]
    assert level.assignments().shape == (2, 3)


def test_the_clusters_of_g_h_are_part_of_the_state() -> None:
    level, again = make(vertical=False), make(vertical=False)
    assert "clusters" not in level.state() | make().state()
    level.choose(SampledSnippets.of(snippets()), None)
    directed(level, [0, 2, 1, 120, 121, 240, 241])
    level.clusters = torch.tensor([2, 2, 2, 0, 0, 1, 1])
    again.restore(SampledSnippets.of(snippets()), level.state())
    directed(again, [0, 2, 1, 120, 121, 240, 241])
    assert again.assignments().argmax(dim=1).tolist() == [2, 2, 2, 0, 0, 1, 1]
