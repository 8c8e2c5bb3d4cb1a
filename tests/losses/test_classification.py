import math

import pytest
import torch
from sklearn.metrics import log_loss

from hcutal.losses.classification import classification_loss, score_count, top_count, video_scores
from hcutal.params.top import TopParams


def test_top_mean_by_hand() -> None:
    cas = torch.tensor([[[1.0, 0.0], [3.0, 0.0], [2.0, 6.0]]])
    assert video_scores(cas, 1).tolist() == [[3.0, 6.0]]
    assert video_scores(cas, 2).tolist() == [[2.5, 3.0]]
    assert video_scores(cas, 3).tolist() == [[2.0, 2.0]]


@pytest.mark.parametrize(
    ("snippets", "top", "count"), [(100, 5, 20), (14, 5, 2), (5, 5, 1), (3, 5, 1), (7, 1, 7)]
)
def test_one_snippet_in_so_many_counts_and_at_least_one(snippets: int, top: int, count: int) -> None:
    assert top_count(snippets, top) == count


@pytest.mark.parametrize("top", [0, 4])
def test_top_outside_the_video(top: int) -> None:
    with pytest.raises(ValueError, match="between 1 and T = 3"):
        video_scores(torch.ones(1, 3, 2), top)


def test_cross_entropy_by_hand() -> None:
    # Scores log 3 and 0: probabilities 3/4 and 1/4. One label costs log 4/3; two labels cost the mean of both logs.
    scores = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0]])
    one, both = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 1.0]])
    assert float(classification_loss(scores[:1], one)) == pytest.approx(math.log(4 / 3))
    assert float(classification_loss(scores[:1], both)) == pytest.approx((math.log(4 / 3) + math.log(4)) / 2)


def test_agrees_with_scikit_learn() -> None:
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(8, 4, generator=generator, dtype=torch.float64)
    classes = torch.randint(4, (8,), generator=generator)
    labels = torch.nn.functional.one_hot(classes, 4).double()
    expected = log_loss(classes.numpy(), scores.softmax(dim=1).numpy(), labels=range(4))
    assert float(classification_loss(scores, labels)) == pytest.approx(expected)


def test_bad_labels() -> None:
    with pytest.raises(ValueError, match="at least one label"):
        classification_loss(torch.ones(1, 2), torch.zeros(1, 2))
    with pytest.raises(ValueError, match="same shape"):
        classification_loss(torch.ones(1, 2), torch.ones(1, 3))


@pytest.mark.parametrize(
    ("top", "snippets", "count"),
    [
        (TopParams(part=5), 750, 150),
        (TopParams(part=5), 9, 1),
        (TopParams(part=5), 3, 1),
        (TopParams(part=1), 7, 7),
        (TopParams(count=5), 750, 5),
        (TopParams(count=5), 5, 5),
        (TopParams(count=5), 3, 3),
    ],
)
def test_a_part_of_the_snippets_or_a_number_of_them_make_the_score(
    top: TopParams, snippets: int, count: int
) -> None:
    assert score_count(snippets, top) == count
