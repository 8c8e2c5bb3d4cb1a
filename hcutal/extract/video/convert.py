"""Weights of I3D as others name them, and their form in `hcutal.extract.video.i3d_network`.

A layer is a convolution, followed by batch normalisation in all but the classifier. Normalisation with the
statistics of training is linear: it is folded into the convolution's weights and a bias.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

State = dict[str, Tensor]
EPSILON = 1e-3
NORMALISATION = ("weight", "bias", "running_mean", "running_var")
# Branches of a block: here as in the usual state dict, and in the checkpoint of Kinetics-400.
BRANCHES = {
    "b0": "Branch_0/Conv3d_0a_1x1",
    "b1a": "Branch_1/Conv3d_0a_1x1",
    "b1b": "Branch_1/Conv3d_0b_3x3",
    "b2a": "Branch_2/Conv3d_0a_1x1",
    "b2b": "Branch_2/Conv3d_0b_3x3",
    "b3b": "Branch_3/Conv3d_0b_1x1",
}


def state_dict_shapes(network: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Names and shapes in `rgb_imagenet.pt` and `flow_imagenet.pt` (the repository pytorch-i3d).

    Args:
        network: the state of a network of ours, which says what layers there are and how large.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in _layers(network):
        weight, bias = network[f"{layer}.weight"], network[f"{layer}.bias"]
        if layer == "logits":
            shapes |= {
                "logits.conv3d.weight": (*weight.shape, 1, 1, 1),
                "logits.conv3d.bias": tuple(bias.shape),
            }
        else:
            shapes[f"{layer}.conv3d.weight"] = tuple(weight.shape)
            shapes |= {f"{layer}.bn.{name}": tuple(bias.shape) for name in NORMALISATION}
    return shapes


def from_state_dict(state: Mapping[str, Tensor]) -> State:
    """The network's state from a state dict with the names and shapes of `state_dict_shapes`."""
    layers = sorted({name.partition(".conv3d.")[0] for name in state if ".conv3d." in name})
    folded: State = {
        "logits.weight": state["logits.conv3d.weight"].flatten(1).contiguous(),
        "logits.bias": state["logits.conv3d.bias"],
    }
    for layer in layers:
        if layer != "logits":
            weight = state[f"{layer}.conv3d.weight"]
            folded |= _fold(layer, weight, *(state[f"{layer}.bn.{name}"] for name in NORMALISATION))
    return folded


def from_checkpoint(values: Mapping[str, Any], network: Mapping[str, Tensor]) -> State:
    """A state dict with the names of `state_dict_shapes` from the nested arrays of the Kinetics-400 checkpoint.

    Kernels there are [time, height, width, inputs, outputs], and normalisation has no factor.

    Raises:
        KeyError: where a layer is missing.
    """
    state: State = {}
    for layer in _layers(network):
        if layer == "logits":
            arrays = values["params"]["Logits/Conv3d_0c_1x1"]["Conv_0"]
            state["logits.conv3d.bias"] = torch.from_numpy(arrays["bias"])
        else:
            arrays = _find(values["params"], layer)["Conv_0"]
            bias = torch.from_numpy(_find(values["params"], layer)["BatchNorm_0"]["bias"])
            statistics = _find(values["batch_stats"], layer)["BatchNorm_0"]
            mean, variance = (torch.from_numpy(statistics[name]).flatten() for name in ("mean", "var"))
            parts = (torch.ones_like(bias), bias, mean, variance)
            state |= {f"{layer}.bn.{name}": part for name, part in zip(NORMALISATION, parts, strict=True)}
        state[f"{layer}.conv3d.weight"] = torch.from_numpy(arrays["kernel"]).permute(4, 3, 0, 1, 2)
    return state


def _layers(network: Mapping[str, Tensor]) -> list[str]:
    return [name.removesuffix(".weight") for name in network if name.endswith(".weight")]


def _find(tree: Mapping[str, Any], layer: str) -> Any:
    block, _, branch = layer.partition(".")
    return tree[block][BRANCHES[branch]] if branch else tree[block]


def _fold(layer: str, weight: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor) -> State:
    # In double precision, so that folding costs no more than one rounding.
    factor = gamma.double() / torch.sqrt(variance.double() + EPSILON)
    return {
        f"{layer}.weight": (weight.double() * factor[:, None, None, None, None])
        .to(weight.dtype)
        .contiguous(),
        f"{layer}.bias": (beta.double() - mean.double() * factor).to(weight.dtype),
    }
