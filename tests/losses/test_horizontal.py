import math

import pytest
import torch

from hcutal.losses.horizontal import contrast_rows, horizontal_loss


def slow_contrast(first: torch.Tensor, second: torch.Tensor, temperature: float) -> float:
    """Equation (2) as its text says: 2N-2 negatives a row, both directions."""

    def similarity(a: torch.Tensor, b: torch.Tensor) -> float:
        return math.exp(float(a @ b / a.norm() / b.norm()) / temperature)

    rows, total = len(first), 0.0
    for a, b in ((first, second), (second, first)):
        for i in range(rows):
            positive = similarity(a[i], b[i])
            negatives = sum(similarity(a[i], a[j]) + similarity(a[i], b[j]) for j in range(rows) if j != i)
            total -= math.log(positive / (positive + negatives))
    return total / (2 * rows)


def test_value_by_hand() -> None:
    # Identical orthogonal views at temperature 1: positive e, negatives 1 + 1 a row.
    rows = torch.eye(2)
    assert float(horizontal_loss(rows, rows, 1.0)) == pytest.approx(math.log((math.e + 2) / math.e))


def test_agrees_with_the_definition() -> None:
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 7, 5, generator=generator, dtype=torch.float64)
    assert float(contrast_rows(first, second, 0.4)) == pytest.approx(
        slow_contrast(first, second, 0.4), abs=1e-12
    )


def test_symmetric_and_blind_to_length() -> None:
    generator = torch.Generator().manual_seed(1)
    first, second = torch.randn(2, 6, 4, generator=generator, dtype=torch.float64)
    value = float(horizontal_loss(first, second, 0.4))
    assert float(horizontal_loss(second, first, 0.4)) == pytest.approx(value)
    assert float(horizontal_loss(3 * first, second / 5, 0.4)) == pytest.approx(value)


def test_single_row_has_no_negatives() -> None:
    assert float(horizontal_loss(torch.ones(1, 3), torch.rand(1, 3), 0.4)) == 0.0


@pytest.mark.parametrize(
    ("first", "second", "temperature", "message"),
    [
        (torch.ones(2, 3), torch.ones(3, 3), 0.4, r"\[2, 3\] and \[3, 3\]"),
        (torch.ones(2), torch.ones(2), 0.4, r"must be \[M, D\]"),
        (torch.ones(2, 3), torch.ones(2, 3), 0.0, "above 0, found 0"),
    ],
)
def test_bad_input(first: torch.Tensor, second: torch.Tensor, temperature: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        horizontal_loss(first, second, temperature)
