import math

import pytest
import torch

from hcutal.losses.boundary import boundary_loss, non_boundary_loss


def test_non_boundary_by_hand() -> None:
    # Video 1: |mean A| = 5 of q = 6, |mean B| = 2: (1 + 2)^2 = 9. Video 2: |A| = 10 > q, |B| = 1: (0 + 1)^2 = 1.
    action = torch.tensor([[[3.0, 4.0], [3.0, 4.0]], [[10.0, 0.0], [10.0, 0.0]]])
    background = torch.tensor([[[2.0, 0.0], [2.0, 0.0]], [[0.0, 3.0], [0.0, -1.0]]])
    assert float(non_boundary_loss(action, background, 6.0)) == pytest.approx((9 + 1) / 2)


def test_non_boundary_agrees_with_the_definition() -> None:
    generator = torch.Generator().manual_seed(1)
    action, background = torch.randn(2, 3, 5, 4, generator=generator, dtype=torch.float64)
    total = 0.0
    for n in range(3):
        long, short = (
            math.sqrt(sum(float(sum(part[n, k, d] for k in range(5)) / 5) ** 2 for d in range(4)))
            for part in (action, background)
        )
        total += (max(0.0, 0.9 - long) + short) ** 2
    assert float(non_boundary_loss(action, background, 0.9)) == pytest.approx(total / 3, abs=1e-9)


def test_boundary_by_hand() -> None:
    # Anchors equal their positives and are orthogonal to two negatives each: log((e + 2) / e), twice.
    action, background = torch.tensor([[[1.0, 0.0]] * 2]), torch.tensor([[[0.0, 1.0]] * 2])
    value = float(boundary_loss(action, background, action, background, 1.0))
    assert value == pytest.approx(2 * math.log((math.e + 2) / math.e))


def test_boundary_agrees_with_the_definition() -> None:
    generator = torch.Generator().manual_seed(0)
    inner, outer = torch.randn(2, 3, 2, 4, generator=generator, dtype=torch.float64)
    action, background = torch.randn(2, 3, 5, 4, generator=generator, dtype=torch.float64)

    def similarity(a: torch.Tensor, b: torch.Tensor) -> float:
        return math.exp(float(a @ b / a.norm() / b.norm()) / 0.07)

    total = 0.0
    for n in range(3):
        pairs = ((inner, action, background), (outer, background, action))
        for boundary, positive, negative in pairs:
            near = similarity(boundary[n].mean(dim=0), positive[n].mean(dim=0))
            far = sum(similarity(boundary[n].mean(dim=0), snippet) for snippet in negative[n])
            total -= math.log(near / (near + far))
    assert float(boundary_loss(inner, outer, action, background, 0.07)) == pytest.approx(total / 3, abs=1e-9)


def test_refuses_wrong_shapes_and_values() -> None:
    fine = torch.ones(1, 2, 3)
    with pytest.raises(ValueError, match=r"\[N, K, D\] twice"):
        non_boundary_loss(torch.ones(2, 3), fine, 1.0)
    with pytest.raises(ValueError, match="q must be above 0"):
        non_boundary_loss(fine, fine, 0.0)
    with pytest.raises(ValueError, match="four times"):
        boundary_loss(torch.ones(2, 3), fine, fine, fine, 0.1)
    with pytest.raises(ValueError, match="temperature"):
        boundary_loss(fine, fine, fine, fine, 0.0)
