"""I3D layer by layer in double precision, as slow and plain as can be, and made-up weights for it."""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

STEM = {"Conv3d_1a_7x7": (64, None, 7), "Conv3d_2b_1x1": (64, 64, 1), "Conv3d_2c_3x3": (192, 64, 3)}
# Inputs, then outputs of b0, b1a, b1b, b2a, b2b, b3b: table 1 of GoogLeNet (Szegedy et al., CVPR 2015).
MIXED = {
    "3b": (192, 64, 96, 128, 16, 32, 32),
    "3c": (256, 128, 128, 192, 32, 96, 64),
    "4b": (480, 192, 96, 208, 16, 48, 64),
    "4c": (512, 160, 112, 224, 24, 64, 64),
    "4d": (512, 128, 128, 256, 24, 64, 64),
    "4e": (512, 112, 144, 288, 32, 64, 64),
    "4f": (528, 256, 160, 320, 32, 128, 128),
    "5b": (832, 256, 160, 320, 32, 128, 128),
    "5c": (832, 384, 192, 384, 48, 128, 128),
}


def state_dict(channels: int, seed: int = 0) -> dict[str, Tensor]:
    """Random weights with the names and shapes of rgb_imagenet.pt (3 channels) and flow_imagenet.pt (2)."""
    generator = torch.Generator().manual_seed(seed)
    kernels = {name: (out, into or channels, size) for name, (out, into, size) in STEM.items()}
    for name, (into, b0, b1a, b1b, b2a, b2b, b3b) in MIXED.items():
        branches = {"b0": (b0, into, 1), "b1a": (b1a, into, 1), "b1b": (b1b, b1a, 3)}
        branches |= {"b2a": (b2a, into, 1), "b2b": (b2b, b2a, 3), "b3b": (b3b, into, 1)}
        kernels |= {f"Mixed_{name}.{branch}": shape for branch, shape in branches.items()}
    state = {}
    for name, (out, into, size) in kernels.items():
        deviation = (2 / (into * size**3)) ** 0.5
        state[f"{name}.conv3d.weight"] = (
            torch.randn(out, into, size, size, size, generator=generator) * deviation
        )
        state[f"{name}.bn.weight"] = torch.rand(out, generator=generator) + 0.5
        state[f"{name}.bn.bias"] = torch.randn(out, generator=generator) * 0.1
        state[f"{name}.bn.running_mean"] = torch.randn(out, generator=generator) * 0.1
        state[f"{name}.bn.running_var"] = torch.rand(out, generator=generator) + 0.5
        state[f"{name}.bn.num_batches_tracked"] = torch.tensor(7)
    state["logits.conv3d.weight"] = torch.randn(400, 1024, 1, 1, 1, generator=generator) * 0.03
    state["logits.conv3d.bias"] = torch.randn(400, generator=generator)
    return state


def logits(state: dict[str, Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """Features [N, 1024] and logits [N, 400], each a mean over what the average pool leaves."""
    state = {name: value.double() for name, value in state.items()}
    x = unit(state, "Conv3d_1a_7x7", x.double(), stride=2)
    x = pool(x, (1, 3, 3), (1, 2, 2))
    x = unit(state, "Conv3d_2c_3x3", unit(state, "Conv3d_2b_1x1", x))
    x = pool(x, (1, 3, 3), (1, 2, 2))
    for name in MIXED:
        if name == "4b":
            x = pool(x, (3, 3, 3), (2, 2, 2))
        if name == "5b":
            x = pool(x, (2, 2, 2), (2, 2, 2))
        block = f"Mixed_{name}."
        b0 = unit(state, block + "b0", x)
        b1 = unit(state, block + "b1b", unit(state, block + "b1a", x))
        b2 = unit(state, block + "b2b", unit(state, block + "b2a", x))
        b3 = unit(state, block + "b3b", pool(x, (3, 3, 3), (1, 1, 1)))
        x = torch.cat([b0, b1, b2, b3], dim=1)
    pooled = functional.avg_pool3d(x, [min(2, x.shape[2]), min(7, x.shape[3]), min(7, x.shape[4])], stride=1)
    scores = functional.conv3d(pooled, state["logits.conv3d.weight"], state["logits.conv3d.bias"])
    return pooled.mean(dim=(2, 3, 4)), scores.mean(dim=(2, 3, 4))


def unit(state: dict[str, Tensor], name: str, x: Tensor, stride: int = 1) -> Tensor:
    """Convolution, batch normalisation, relu."""
    weight = state[f"{name}.conv3d.weight"]
    x = functional.conv3d(pad(x, weight.shape[2:], (stride,) * 3, 0.0), weight, stride=stride)
    parts = (state[f"{name}.bn.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
    mean, variance, gamma, beta = (part[None, :, None, None, None] for part in parts)
    return functional.relu((x - mean) / torch.sqrt(variance + 0.001) * gamma + beta)


def pool(x: Tensor, kernel: tuple[int, ...], stride: tuple[int, ...]) -> Tensor:
    """Maxima with SAME padding."""
    return functional.max_pool3d(pad(x, kernel, stride, -torch.inf), kernel, stride)


def pad(x: Tensor, kernel: tuple[int, ...], stride: tuple[int, ...], value: float) -> Tensor:
    """TensorFlow's SAME, as its documentation has it: the remainder decides, and the odd one comes after."""
    sides: list[int] = []
    for size, width, step in zip(x.shape[2:], kernel, stride, strict=True):
        missing = max(width - step, 0) if size % step == 0 else max(width - size % step, 0)
        sides = [missing // 2, missing - missing // 2, *sides]
    return functional.pad(x, sides, value=value)


def save(path: Path, state: dict[str, Tensor]) -> Path:
    torch.save(state, path)
    return path
