"""Video scores from the CAS and their multi-label cross-entropy: equations (9) and (10)."""

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
    """Equation (9): the mean of the `top` highest scores of each class; [N, T, C] to [N, C].

    Raises:
        ValueError: when `top` is not between 1 and T.
    """
    if not 1 <= top <= cas.shape[1]:
        raise ValueError(f"top must be between 1 and T = {cas.shape[1]}, found {top}")
    return cas.topk(top, dim=1).values.mean(dim=1)


def classification_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Equation (10): cross-entropy of the softmax of `scores` [N, C] against multi-hot `labels` [N, C].

    The labels of a video are divided by their number, so that a video with two classes counts as one video.

    Raises:
        ValueError: when the shapes differ or a video has no label.
    """
    if scores.shape != labels.shape:
        raise ValueError(
            f"scores are {list(scores.shape)}, labels {list(labels.shape)}: expected the same shape"
        )
    total = labels.sum(dim=1, keepdim=True)
    if not bool(torch.all(total > 0)):
        raise ValueError("every video must have at least one label")
    return -(labels / total * functional.log_softmax(scores, dim=1)).sum(dim=1).mean()
