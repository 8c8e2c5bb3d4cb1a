"""The convolution over time, on snippets as rows: no copy of the features is made, in neither direction."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def convolve(features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """`conv1d` over T, zero beyond both ends, of features [N, T, D]: [N, T, E].

    `conv1d` wants [N, D, T] and copies features that stand as [N, T, D], once forward and once backward. Here a tap
    of the kernel is a matrix product of all rows. The gradient to the features is computed only where it is needed.

    Args:
        features: [N, T, D].
        weight: [E, D, K], K odd.
        bias: [E].

    Raises:
        ValueError: when K is even.

    Each snippet is added to the one before it:

    >>> features, weight = torch.tensor([[[1.0], [2.0], [3.0]]]), torch.tensor([[[1.0, 1.0, 0.0]]])
    >>> convolve(features, weight, torch.zeros(1)).tolist()
    [[[1.0], [3.0], [5.0]]]
    """
    if weight.shape[2] % 2 == 0:
        raise ValueError(f"the kernel must be odd, found {weight.shape[2]}")
    result: Tensor = _Convolution.apply(features, weight, bias)  # type: ignore[no-untyped-call]
    return result


class _Convolution(torch.autograd.Function):
    """The sum over the shifts s of `features[t + s] @ weight[s]`, each a product of the rows of all recordings.

    A shift also moves rows into the neighbouring recording. These are kept out by their place: `_edge`.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(features, weight)
        rows = features.flatten(0, 1)  # [N T, D]
        taps = weight.permute(2, 1, 0).contiguous()  # [K, D, E]
        middle = len(taps) // 2
        by_video = features.new_empty(*features.shape[:2], len(weight))
        result = by_video.flatten(0, 1)  # [N T, E]
        torch.addmm(bias, rows, taps[middle], out=result)
        for shift in _shifts(len(taps), features.shape[1]):
            to, source = _moved(len(rows), shift)
            edge = by_video[:, _edge(features.shape[1], shift)]
            kept = edge.clone()
            result[to].addmm_(rows[source], taps[middle + shift])
            edge.copy_(kept)
        return by_video

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        features, weight = ctx.saved_tensors
        rows, middle = features.flatten(0, 1), weight.shape[2] // 2
        to_weight = torch.zeros_like(weight)
        to_rows = torch.zeros_like(rows) if ctx.needs_input_grad[0] else None
        by_video = gradient.clone(memory_format=torch.contiguous_format)
        for shift in [0, *_shifts(weight.shape[2], features.shape[1])]:
            to, source = _moved(len(rows), shift)
            edge = by_video[:, _edge(features.shape[1], shift)]
            kept = edge.clone()
            edge.zero_()
            own = by_video.flatten(0, 1)[to]  # [N T - |shift|, E]
            to_weight[:, :, middle + shift] = own.T @ rows[source]
            if to_rows is not None:
                to_rows[source].addmm_(own, weight[:, :, middle + shift])
            edge.copy_(kept)
        to_features = None if to_rows is None else to_rows.view(features.shape)
        return to_features, to_weight, gradient.sum(dim=(0, 1))


def _shifts(kernel: int, snippets: int) -> list[int]:
    """The shifts of a kernel but 0, those that reach a snippet at all."""
    reach = min(kernel // 2, snippets - 1)
    return [shift for shift in range(-reach, reach + 1) if shift]


def _moved(rows: int, shift: int) -> tuple[slice, slice]:
    """The rows t and the rows t + shift, for all t where both are there."""
    return slice(max(0, -shift), rows - max(0, shift)), slice(max(0, shift), rows + min(0, shift))


def _edge(snippets: int, shift: int) -> slice:
    """The snippets t of a recording where t + shift is beyond its ends."""
    return slice(0, -shift) if shift <= 0 else slice(snippets - shift, snippets)
