"""Time of the I3D network against that of its convolutions alone, at the same shapes, in one run.

Run from the project's root: `python benchmarks/i3d.py [--threads 2] [--rounds 30]`. Weights are random: they do
not matter here. What the network does beyond its convolutions is padding, pooling, relu and joining branches.
"""

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from hcutal.extract.video.i3d_network import I3D


def convolutions(network: I3D, snippet: Tensor) -> list[Callable[[], Tensor]]:
    """The network's convolutions, each ready to be run on an input of the shape and layout that it gets."""
    calls: list[Callable[[], Tensor]] = []

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        values = inputs[0].clone()
        calls.append(lambda: layer(values))

    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv3d)]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    network.features(snippet)
    for hook in hooks:
        hook.remove()
    return calls


def seconds(action: Callable[[], object]) -> float:
    """Seconds that `action` takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


@torch.inference_mode()
def run(threads: int, rounds: int) -> None:
    """Print both times, the shortest of `rounds`, taken in turns."""
    torch.set_num_threads(threads)
    network = I3D().eval().to(memory_format=torch.channels_last_3d)
    generator = torch.Generator().manual_seed(0)
    frames = torch.rand(1, 16, 224, 224, 3, generator=generator).mul(2).sub(1)
    snippet = frames.permute(0, 4, 1, 2, 3)
    parts = convolutions(network, snippet)
    whole, alone = [], []
    for _ in range(rounds):
        whole.append(seconds(lambda: network.features(snippet)))
        alone.append(sum(seconds(part) for part in parts))
    total, bound = min(whole), min(alone)
    print(f"{threads} threads, {len(parts)} convolutions, snippets of {list(snippet.shape[1:])}")
    print(f"  network            {1 / total:6.2f} snippets a second ({1e3 * total:.0f} ms each)")
    print(f"  convolutions alone {1 / bound:6.2f} snippets a second ({1e3 * bound:.0f} ms each)")
    print(f"  ratio {total / bound:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")
    parser.add_argument("--rounds", type=int, default=30, help="how often each is timed")
    arguments = parser.parse_args()
    run(arguments.threads, arguments.rounds)
