"""Video scores from the CAS and their multi-label cross-entropy: equations (9) and (10) of HC-UTAL.

HC-UTAL: https://doi.org/10.1016/j.patcog.2025.111421.
"""

import torch
from torch import Tensor
from torch.nn import functional

from hcutal.params.top import TopParams


def top_count(snippets: int, part: int) -> int:
    """One snippet in `part` of so many, at least one."""
    return max(1, snippets // part)


def score_count(snippets: int, top: TopParams) -> int:
    """l of equation (9) for so many snippets: a part of them, or a number of them and at most all."""
    if top.part is not None:
        return top_count(snippets, top.part)
    assert top.count is not None
    return min(top.count, snippets)


def video_scores(cas: Tensor, top: int) -> Tensor:
    """Equation (9): the mean of the `top` highest activations of each class.

    Args:
        cas: [N, T, C], class activation sequences of N videos.
        top: l, how many snippets are averaged.

    Returns:
        [N, C], not yet probabilities.

    Raises:
        ValueError: when `top` is not between 1 and T.

    >>> cas = torch.tensor([[[1.0, 0.0], [3.0, 0.0], [2.0, 6.0]]])
    >>> video_scores(cas, top=2).tolist()
    [[2.5, 3.0]]
    """
    if not 1 <= top <= cas.shape[1]:
        raise ValueError(f"top must be between 1 and T = {cas.shape[1]}, found {top}")
    return cas.topk(top, dim=1).values.mean(dim=1)


def classification_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Equation (10): cross-entropy of the softmax of the scores against the labels, averaged over the videos.

    The labels of a video are divided by their number: a video with two classes weighs as much as one with a single
    class.

    Args:
        scores: [N, C], as `video_scores` gives them.
        labels: [N, C], multi-hot.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: when the shapes differ or a video has no label.

    Scores of log 3 and 0 are probabilities of 3/4 and 1/4:

    >>> scores = torch.tensor([[3.0, 1.0]]).log()
    >>> round(classification_loss(scores, torch.tensor([[1.0, 0.0]])).item(), 4)  # log 4/3
    0.2877
    >>> round(classification_loss(scores, torch.tensor([[1.0, 1.0]])).item(), 4)  # mean of log 4/3 and log 4
    0.837
    """
    if scores.shape != labels.shape:
        raise ValueError(
            f"scores are {list(scores.shape)}, labels {list(labels.shape)}: expected the same shape"
        )
    total = labels.sum(dim=1, keepdim=True)
    if not bool(torch.all(total > 0)):
        raise ValueError("every video must have at least one label")
    return -(labels / total * functional.log_softmax(scores, dim=1)).sum(dim=1).mean()
