"""I3D: Inception-v1 with its kernels inflated into time (Carreira and Zisserman, CVPR 2017, figure 3).

Batch normalisation is not in here: it is folded into the convolutions when weights are read, as the network is
only applied, never trained.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 400
FEATURES = 1024
# Channels of the branches of a block: 1x1; 1x1 and 3x3; 1x1 and 3x3; pooling and 1x1.
BLOCKS = {
    "Mixed_3b": (64, 96, 128, 16, 32, 32),
    "Mixed_3c": (128, 128, 192, 32, 96, 64),
    "Mixed_4b": (192, 96, 208, 16, 48, 64),
    "Mixed_4c": (160, 112, 224, 24, 64, 64),
    "Mixed_4d": (128, 128, 256, 24, 64, 64),
    "Mixed_4e": (112, 144, 288, 32, 64, 64),
    "Mixed_4f": (256, 160, 320, 32, 128, 128),
    "Mixed_5b": (256, 160, 320, 32, 128, 128),
    "Mixed_5c": (384, 192, 384, 48, 128, 128),
}


class Inception(nn.Module):
    """A block of four branches side by side: [N, inputs, ...] to [N, sum of the branches, ...], not negative."""

    def __init__(self, inputs: int, widths: tuple[int, int, int, int, int, int]) -> None:
        super().__init__()
        b0, b1a, b1b, b2a, b2b, b3b = widths
        self.outputs = b0 + b1b + b2b + b3b
        self.b0 = nn.Conv3d(inputs, b0, 1)
        self.b1a = nn.Conv3d(inputs, b1a, 1)
        self.b1b = nn.Conv3d(b1a, b1b, 3, padding=1)
        self.b2a = nn.Conv3d(inputs, b2a, 1)
        self.b2b = nn.Conv3d(b2a, b2b, 3, padding=1)
        self.b3b = nn.Conv3d(inputs, b3b, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The branches one after the other along the channels."""
        branches = [
            self.b0(x),
            self.b1b(functional.relu_(self.b1a(x))),
            self.b2b(functional.relu_(self.b2a(x))),
            self.b3b(max_pool(x, (3, 3, 3), (1, 1, 1))),
        ]
        return functional.relu_(torch.cat(branches, dim=1))


class I3D(nn.Module):
    """Features and Kinetics-400 classes of snippets.

    Input is [N, channels, frames, height, width] in [-1, 1], RGB (3 channels) or flow (2). 16 frames of 224 x 224
    are what it is made for; any other size works.
    """

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.Conv3d_1a_7x7 = nn.Conv3d(channels, 64, 7, stride=2)
        self.Conv3d_2b_1x1 = nn.Conv3d(64, 64, 1)
        self.Conv3d_2c_3x3 = nn.Conv3d(64, 192, 3, padding=1)
        inputs = 192
        for name, widths in BLOCKS.items():
            block = Inception(inputs, widths)
            self.add_module(name, block)
            inputs = block.outputs
        self.logits = nn.Linear(FEATURES, CLASSES)

    def features(self, x: Tensor) -> Tensor:
        """What the average pool sees: [N, channels, frames, height, width] to [N, 1024]."""
        x = self.Conv3d_1a_7x7(same_pad(x, kernel=7, stride=2))
        x = functional.relu_(max_pool(x, (1, 3, 3), (1, 2, 2)))
        x = functional.relu_(self.Conv3d_2b_1x1(x))
        # Maxima and relu change places: the smaller tensor is looked at.
        x = functional.relu_(max_pool(self.Conv3d_2c_3x3(x), (1, 3, 3), (1, 2, 2)))
        for name, block in self._blocks():
            if name == "Mixed_4b":
                x = max_pool(x, (3, 3, 3), (2, 2, 2))
            elif name == "Mixed_5b":
                x = max_pool(x, (2, 2, 2), (2, 2, 2))
            x = block(x)
        window = [min(size, limit) for size, limit in zip(x.shape[2:], (2, 7, 7), strict=True)]
        return functional.avg_pool3d(x, window, stride=1).mean(dim=(2, 3, 4))

    def forward(self, x: Tensor) -> Tensor:
        """Scores before the softmax, [N, 400]. As the classifier is linear, the mean over time may come first."""
        logits: Tensor = self.logits(self.features(x))
        return logits

    def _blocks(self) -> Iterator[tuple[str, nn.Module]]:
        return ((name, self.get_submodule(name)) for name in BLOCKS)


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after a side of `size`, as TensorFlow's SAME has them: the odd one comes after."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def same_pad(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Zeros around [..., frames, height, width] for a cubic kernel."""
    sides = [same_padding(size, kernel, stride) for size in reversed(x.shape[-3:])]
    return functional.pad(x, [zeros for side in sides for zeros in side])


def max_pool(x: Tensor, kernel: tuple[int, int, int], stride: tuple[int, int, int]) -> Tensor:
    """Maxima as under SAME: places outside of the input never win.

    The padding at the far side, which may be one longer, is left to `ceil_mode`.
    """
    near = [same_padding(*axis)[0] for axis in zip(x.shape[-3:], kernel, stride, strict=True)]
    return functional.max_pool3d(x, kernel, stride, padding=near, ceil_mode=True)
