import math

import pytest
import torch
from scipy.stats import entropy

from hcutal.losses.horizontal import contrast_rows
from hcutal.losses.vertical import assignment_entropy, vertical_loss


def soft(seed: int, videos: int, clusters: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(videos, clusters, generator=generator, dtype=torch.float64).softmax(dim=1)


def test_value_by_hand() -> None:
    # Two videos, a cluster each: columns are orthogonal unit vectors, the entropy is log 2, so nothing is missing.
    assignment = torch.eye(2)
    assert float(vertical_loss(assignment, assignment, 1.0)) == pytest.approx(math.log((math.e + 2) / math.e))


def test_collapse_costs_the_whole_entropy() -> None:
    # All videos in cluster 0: the entropy is 0 in both views, 2 log 2 is missing; the columns' contrast stays.
    collapsed = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    with_entropy, without = (float(vertical_loss(collapsed, collapsed, 1.0, weight)) for weight in (1.0, 0.0))
    assert with_entropy - without == pytest.approx(2 * math.log(2))
    assert float(vertical_loss(collapsed, collapsed, 1.0)) == with_entropy


def test_twice_the_entropy_weight_costs_twice_what_is_missing() -> None:
    # One view in cluster 0 alone, one even: log 2 is missing.
    first, second = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.5, 0.5], [0.5, 0.5]])
    none, one, two = (float(vertical_loss(first, second, 1.0, weight)) for weight in (0.0, 1.0, 2.0))
    assert one - none == pytest.approx(math.log(2))
    assert two - none == pytest.approx(2 * math.log(2))


def test_contrasts_columns_not_rows() -> None:
    first, second = soft(0, 9, 4), soft(1, 9, 4)
    columns = float(contrast_rows(first.T, second.T, 0.9))
    assert float(vertical_loss(first, second, 0.9, entropy_weight=0.0)) == pytest.approx(columns)
    assert columns != pytest.approx(float(contrast_rows(first, second, 0.9)))


def test_entropy_agrees_with_scipy() -> None:
    assignment = soft(2, 11, 5)
    assert float(assignment_entropy(assignment)) == pytest.approx(entropy(assignment.mean(dim=0).numpy()))


def test_an_empty_cluster_gives_finite_gradients() -> None:
    logits = torch.tensor([[200.0, 0.0], [200.0, -5.0]], requires_grad=True)
    assignment = logits.softmax(dim=1)
    vertical_loss(assignment, assignment, 0.9).backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
