import pytest
import torch
from torch.nn import functional

from hcutal.model.convolution import convolve


def draw(*sizes: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(sizes))
    return torch.randn(*sizes, generator=generator, dtype=torch.float64).requires_grad_()


def slow(features: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return functional.conv1d(features.transpose(1, 2), weight, bias, padding="same").transpose(1, 2)


@pytest.mark.parametrize("kernel", [1, 3, 5, 9])
@pytest.mark.parametrize("length", [1, 2, 3, 4, 11])
@pytest.mark.parametrize("videos", [1, 3])
def test_values_and_gradients_are_those_of_torch(videos: int, length: int, kernel: int) -> None:
    inputs = draw(videos, length, 4), draw(5, 4, kernel), draw(5)
    found, expected = convolve(*inputs), slow(*inputs)
    torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)
    direction = draw(videos, length, 5).detach()
    gradients = torch.autograd.grad(found, inputs, direction)
    for ours, theirs in zip(gradients, torch.autograd.grad(expected, inputs, direction), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)


def test_features_and_gradients_may_stand_in_memory_in_any_order() -> None:
    weight, bias = draw(5, 4, 3), draw(5)
    features, direction = draw(3, 4, 7).detach().transpose(1, 2), draw(3, 5, 7).detach().transpose(1, 2)
    ours, theirs = (form(features, weight, bias) for form in (convolve, slow))
    torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)
    gradients = [torch.autograd.grad(values, (weight, bias), direction) for values in (ours, theirs)]
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


def test_the_gradient_that_is_given_stays_as_it_is() -> None:
    weight, direction = draw(5, 4, 3), draw(2, 6, 5).detach()
    before = direction.clone()
    convolve(draw(2, 6, 4).detach(), weight, draw(5)).backward(direction)
    assert torch.equal(direction, before)


def test_an_even_kernel_has_no_middle() -> None:
    with pytest.raises(ValueError, match="must be odd, found 2"):
        convolve(draw(1, 3, 4), draw(5, 4, 2), draw(5))
