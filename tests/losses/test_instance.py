import math

import pytest
import torch

from hcutal.losses.instance import instance_loss


def slow_instance(features: torch.Tensor, labels: list[int], temperature: float) -> float:
    unit = features / features.norm(dim=1, keepdim=True)
    values = []
    for i, own in enumerate(labels):
        for j, other in enumerate(labels):
            if i == j or own != other:
                continue
            positive = math.exp(float(unit[i] @ unit[j]) / temperature)
            negatives = sum(
                math.exp(float(unit[i] @ unit[u]) / temperature)
                for u, label in enumerate(labels)
                if label != own
            )
            values.append(-math.log(positive / (positive + negatives)))
    return sum(values) / len(values)


def test_value_by_hand() -> None:
    # Two alike of class 0 and one orthogonal of class 1, temperature 1: log((e + 1) / e) for both ordered pairs.
    features = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    value = float(instance_loss(features, torch.tensor([0, 0, 1]), 1.0))
    assert value == pytest.approx(math.log((math.e + 1) / math.e))


def test_agrees_with_the_definition() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(9, 5, generator=generator, dtype=torch.float64)
    labels = [0, 1, 2, 0, 1, 0, 3, 2, 2]
    expected = slow_instance(features, labels, 0.07)
    assert float(instance_loss(features, torch.tensor(labels), 0.07)) == pytest.approx(expected, abs=1e-9)


def test_no_pair_and_no_negatives_are_zero_with_gradient() -> None:
    features = torch.randn(3, 4, generator=torch.Generator().manual_seed(1)).requires_grad_()
    for labels in ([0, 1, 2], [0, 0, 0]):
        loss = instance_loss(features, torch.tensor(labels), 0.07)
        assert float(loss.detach()) == 0.0
        loss.backward()
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()


def test_bad_input() -> None:
    with pytest.raises(ValueError, match=r"found \[2, 3\] and \[3\]"):
        instance_loss(torch.ones(2, 3), torch.tensor([0, 1, 2]), 0.07)
    with pytest.raises(ValueError, match="above 0"):
        instance_loss(torch.ones(2, 3), torch.tensor([0, 1]), 0.0)
