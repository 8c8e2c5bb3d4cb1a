"""I3D: Inception-v1 with its kernels inflated into time (Carreira and Zisserman, CVPR 2017, figure 3).

Batch normalisation is not in here: it is folded into the convolutions when weights are read, as the network is
only applied, never trained.
"""

from collections.abc import Sequence

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
# Kernel and stride of the maxima in front of a block.
POOLS = {"Mixed_4b": ((3, 3, 3), (2, 2, 2)), "Mixed_5b": ((2, 2, 2), (2, 2, 2))}


class Convolution(nn.Conv3d):
    """A convolution with a cubic kernel and TensorFlow's SAME padding, which depends on the size of the input."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride)

    def forward(self, input: Tensor) -> Tensor:
        """[N, inputs, frames, height, width] to [N, outputs, frames / stride, height / stride, width / stride]."""
        near, far = same_padding(input, self.kernel_size, self.stride)
        if near != far:
            odd = [after - before for before, after in zip(near, far, strict=True)]
            input = functional.pad(input, [0, odd[2], 0, odd[1], 0, odd[0]])
        if _has_onednn(input):
            return torch.mkldnn_convolution(
                input, self.weight, self.bias, near, self.stride, self.dilation, 1
            )
        return functional.conv3d(input, self.weight, self.bias, self.stride, near)


def _has_onednn(x: Tensor) -> bool:
    # conv3d leaves oneDNN aside for kernels of 1 in a single thread, and for small maps that come alone. What it
    # takes in their place is about four times slower.
    return x.device.type == "cpu" and x.dtype == torch.float32 and torch.backends.mkldnn.is_available()


class Inception(nn.Module):
    """A block of four branches side by side: [N, inputs, ...] to [N, sum of the branches, ...], not negative."""

    def __init__(self, inputs: int, widths: tuple[int, int, int, int, int, int]) -> None:
        super().__init__()
        b0, b1a, b1b, b2a, b2b, b3b = widths
        self.outputs = b0 + b1b + b2b + b3b
        self.b0 = Convolution(inputs, b0, 1)
        self.b1a = Convolution(inputs, b1a, 1)
        self.b1b = Convolution(b1a, b1b, 3)
        self.b2a = Convolution(inputs, b2a, 1)
        self.b2b = Convolution(b2a, b2b, 3)
        self.b3b = Convolution(inputs, b3b, 1)

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
        self.Conv3d_1a_7x7 = Convolution(channels, 64, 7, stride=2)
        self.Conv3d_2b_1x1 = Convolution(64, 64, 1)
        self.Conv3d_2c_3x3 = Convolution(64, 192, 3)
        inputs = 192
        for name, widths in BLOCKS.items():
            block = Inception(inputs, widths)
            self.add_module(name, block)
            inputs = block.outputs
        self.logits = nn.Linear(FEATURES, CLASSES)

    def features(self, x: Tensor) -> Tensor:
        """What the average pool gives: [N, channels, frames, height, width] to [N, 1024]."""
        x = x.contiguous(memory_format=torch.channels_last_3d)
        if x.device.type != "cpu":
            return self._features(x)
        # One by one is quicker here: the maps of a batch would not fit into a cache, and memory of their size
        # is mapped anew for each. It also makes features the same whatever the batch.
        return torch.cat([self._features(snippet) for snippet in x.split(1)])

    def _features(self, x: Tensor) -> Tensor:
        x = self.Conv3d_1a_7x7(x)
        x = functional.relu_(max_pool(x, (1, 3, 3), (1, 2, 2)))
        x = functional.relu_(self.Conv3d_2b_1x1(x))
        # Maxima and relu change places: the smaller tensor is looked at.
        x = functional.relu_(max_pool(self.Conv3d_2c_3x3(x), (1, 3, 3), (1, 2, 2)))
        for name in BLOCKS:
            if name in POOLS:
                x = max_pool(x, *POOLS[name])
            x = self.get_submodule(name)(x)
        window = [min(size, limit) for size, limit in zip(x.shape[2:], (2, 7, 7), strict=True)]
        return functional.avg_pool3d(x, window, stride=1).mean(dim=(2, 3, 4))

    def forward(self, x: Tensor) -> Tensor:
        """Scores before the softmax, [N, 400]. As the classifier is linear, the mean over time may come first."""
        logits: Tensor = self.logits(self.features(x))
        return logits


def same_padding(x: Tensor, kernel: Sequence[int], stride: Sequence[int]) -> tuple[list[int], list[int]]:
    """What TensorFlow's SAME adds before and after the last three axes: the odd one comes after."""
    near, far = [], []
    for size, width, step in zip(x.shape[-3:], kernel, stride, strict=True):
        total = max((-(-size // step) - 1) * step + width - size, 0)
        near.append(total // 2)
        far.append(total - total // 2)
    return near, far


def max_pool(x: Tensor, kernel: tuple[int, int, int], stride: tuple[int, int, int]) -> Tensor:
    """Maxima under SAME padding; a place outside of the input never wins."""
    near, _ = same_padding(x, kernel, stride)
    # `ceil_mode` lets the last window reach over the far side, by the odd one.
    return functional.max_pool3d(x, kernel, stride, padding=near, ceil_mode=True)
