import numpy as np
import pytest
import torch

from hcutal.model.network import HCUTAL, NetworkShape, drop, initialise


def make(seed: int = 0, **changes: object) -> HCUTAL:
    values = {
        "inputs": 4,
        "embedding": 5,
        "outputs": 3,
        "clusters": 2,
        "hidden": 6,
        "shared": False,
        "components": 3,
    }
    network = HCUTAL(NetworkShape(**{**values, **changes}), dropout=0.5, view_dropout=0.25)  # type: ignore[arg-type]
    initialise(network, torch.Generator().manual_seed(seed))
    return network.double()


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_the_embedding_is_a_convolution_over_time_that_is_not_negative(kernel: int) -> None:
    network, snippets = make(kernel=kernel), draw(2, 7, 4)
    weight, bias = network.embed.weight.detach(), network.embed.bias
    assert bias is not None
    expected = torch.zeros(2, 7, 5, dtype=torch.float64)
    for video, time, unit in np.ndindex(2, 7, 5):
        total = bias[unit].item()
        for place in range(kernel):
            other = time + place - kernel // 2
            if 0 <= other < 7:
                total += float(weight[unit, :, place] @ snippets[video, other])
        expected[video, time, unit] = max(total, 0.0)
    torch.testing.assert_close(network.embedding(snippets), expected, atol=1e-9, rtol=0)


def test_the_activation_is_linear_in_each_snippet_and_not_negative() -> None:
    network, embedding = make(), draw(2, 7, 5)
    weight = network.classifier.weight.detach()[:, :, 0]
    torch.testing.assert_close(network.cas(embedding), (embedding @ weight.T).clamp(min=0), atol=1e-9, rtol=0)


def test_inputs_of_the_classifier_are_dropped_with_a_generator_alone() -> None:
    network, embedding = make(), draw(2, 7, 5)
    first, second = (network.cas(embedding, torch.Generator().manual_seed(3)) for _ in range(2))
    torch.testing.assert_close(first, second)
    assert not torch.equal(first, network.cas(embedding))
    kept = torch.rand(2, 7, 5, generator=torch.Generator().manual_seed(3), dtype=torch.float32) >= 0.5
    torch.testing.assert_close(first, network.cas(embedding * kept / 0.5))


def test_normalised_features_have_mean_and_deviation_of_training_taken_off() -> None:
    network = make()
    network.get_buffer("input_mean").copy_(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    network.get_buffer("input_deviation").copy_(torch.tensor([1.0, 2.0, 4.0, 8.0]))
    found = network.normalise(torch.tensor([[3.0, 4.0, 5.0, 4.0]], dtype=torch.float64))
    assert found.tolist() == [[2.0, 1.0, 0.5, 0.0]]


def test_coordinates_are_projections_of_what_is_off_the_mean() -> None:
    network = make()
    network.get_buffer("pooled_mean").fill_(1)
    network.get_buffer("pooled_projection").copy_(torch.arange(12.0).reshape(4, 3))
    found = network.coordinates(torch.tensor([[2.0, 1.0, 1.0, 3.0]], dtype=torch.float64))
    assert found.tolist() == [[18.0, 21.0, 24.0]]
    plain = make(components=0)
    assert plain.coordinates(found) is found
    assert plain.horizontal[0].in_features == 4
    assert make(components=0, shared=True).horizontal[0].in_features == 5


def test_heads_are_two_layers_each_and_assignments_sum_to_one() -> None:
    network, pooled = make(), draw(5, 3)

    def head(layers: torch.nn.Module) -> torch.Tensor:
        first, second = layers[0], layers[2]  # type: ignore[index]
        return (pooled @ first.weight.T + first.bias).clamp(min=0) @ second.weight.T + second.bias

    odds = head(network.vertical).exp()
    expected = odds / odds.sum(dim=1, keepdim=True)
    torch.testing.assert_close(network.assign(pooled), expected)
    torch.testing.assert_close(network.horizontal(pooled), head(network.horizontal))


def test_views_are_noisy_and_lack_some_coordinates() -> None:
    network, pooled = make(), draw(5, 3)
    # The last direction is not seen: there is nothing in it, and no noise.
    network.get_buffer("pooled_projection")[:, :2] = 1.0
    found = network.view(pooled, 0.5, torch.Generator().manual_seed(2))
    generator = torch.Generator().manual_seed(2)
    noise = 0.5 * torch.randn(5, 3, generator=generator) * torch.tensor([1.0, 1.0, 0.0])
    expected = drop(pooled + noise, 0.25, generator)
    assert torch.equal(found, expected)
    assert (found == 0).any()
    network.view_dropout = 0.0
    assert torch.equal(network.view(pooled, 0.0, generator), pooled)


def test_weights_are_drawn_within_one_over_the_root_of_their_inputs() -> None:
    network = make(embedding=64, hidden=64)
    for layer, inputs in ((network.embed, 12), (network.classifier, 64), (network.horizontal[2], 64)):
        for parameter in layer.parameters():
            assert parameter.abs().max() <= inputs**-0.5
        assert layer.weight.abs().max() > 0.9 * inputs**-0.5
        assert layer.weight.min() < 0 < layer.weight.max()
    first, second, other = (make(seed).embed.weight for seed in (0, 0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
