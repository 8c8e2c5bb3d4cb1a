"""A joint training step against its convolutions alone, and the losses as a share of it.

Run `OMP_NUM_THREADS=1 python benchmarks/training_step.py` in the project's folder; it prints the table of
docs/benchmarks.md. On the CPU all is process time, with `--device cuda` time on the clock once the device has done its
work; the least of some rounds, taken in one run, with `--autocast` in bfloat16 where torch allows it:

- convolutions: `conv1d` of g_embed and g_cls, forward and backward, on contiguous input [B, D, T] without a gradient
  of its own
- step: a whole step of the Trainer (sampling, normalisation, network, losses, backward, Adam), between two rows of
  its curves
- losses: mining and the losses of the localizer, forward and backward, down to the gradients of embedding and CAS
"""

import argparse
import tempfile
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from hcutal.data.store import FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.device import pick_device
from hcutal.model.localizer import LocalizerObjective
from hcutal.model.network import HCUTAL
from hcutal.model.packed import TrainingFeatures
from hcutal.model.training import Row, Trainer
from hcutal.params.train import TrainParams

CLASSES = 20


def write_features(folder: str, recordings: int, snippets: int, dimensions: int) -> FeatureStore:
    """A store of random float16 features, from a third of `snippets` to five thirds of it a recording."""
    generator = np.random.default_rng(0)
    with write_store(f"{folder}/store", "random", SnippetTimes(25.0, 16, 16)) as writer:
        for index in range(recordings):
            length = int(generator.integers(snippets // 3, snippets * 5 // 3))
            values = generator.random((length, dimensions), dtype=np.float32).astype(np.float16)
            writer.add(f"v{index:05}", {"x": values})
    return FeatureStore(f"{folder}/store")


def parameters(arguments: argparse.Namespace) -> TrainParams:
    """The default, with the sizes that are asked for; no warm-up and no refresh between the steps."""
    return TrainParams.model_validate(
        {
            "threads": arguments.threads,
            "snippets": arguments.snippets,
            "batch": arguments.batch,
            "pairs": arguments.batch // 3,
            "embedding": arguments.embedding,
            "steps": arguments.rounds + 1,
            "refresh": arguments.rounds + 1,
            "video": {
                "clusters": CLASSES,
                "warmup": 0,
                "restarts": 1,
                "pooling": "mean",
                "neighbours": {"count": 10},
                "components": 1.25,
            },
        }
    )


def seconds(device: torch.device) -> float:
    """The time by which a device is measured, once it has done all its work."""
    if device.type == "cpu":
        return time.process_time()
    torch.cuda.synchronize(device)
    return time.perf_counter()


def least(rounds: int, call: Callable[[], object], device: torch.device) -> float:
    """Seconds of the fastest of some calls, after one that does not count."""
    call()
    taken = []
    for _ in range(rounds):
        start = seconds(device)
        call()
        taken.append(seconds(device) - start)
    return min(taken)


def step_seconds(
    features: TrainingFeatures, params: TrainParams, device: torch.device
) -> tuple[float, Trainer]:
    """Seconds of the fastest step of a training but the first, and its trainer."""
    stamps: list[float] = []

    def stamp(row: Row) -> None:
        stamps.append(seconds(device))

    trainer = Trainer(features, params, None, device, stamp)
    trainer.run()
    return float(np.diff(stamps).min()), trainer


def convolution_seconds(network: HCUTAL, params: TrainParams, rounds: int, device: torch.device) -> float:
    """Seconds of the convolutions of a step."""
    values = torch.rand(params.batch, network.shape.inputs, params.snippets, device=device)
    embed, classifier = network.embed, network.classifier

    def call() -> None:
        embedding = functional.conv1d(values, embed.weight, embed.bias, padding=network.shape.kernel // 2)
        cas = functional.conv1d(embedding, classifier.weight)
        torch.autograd.backward([cas], [torch.ones_like(cas)])

    return least(rounds, call, device)


class Given(HCUTAL):
    """A network whose embedding and CAS are given."""

    given: tuple[Tensor, Tensor]

    def embedding(self, features: Tensor) -> Tensor:
        """As given."""
        return self.given[0]

    def cas(self, embedding: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """As given."""
        return self.given[1]


def loss_seconds(network: HCUTAL, params: TrainParams, rounds: int, device: torch.device) -> float:
    """Seconds of the losses of a step."""
    draw = torch.Generator(device).manual_seed(0)
    sizes = (params.batch, params.snippets)
    # In the layout that the network gives them.
    with torch.no_grad():
        embedding = network.embedding(torch.rand(*sizes, network.shape.inputs, generator=draw, device=device))
        cas = network.cas(embedding)
    given = Given(network.shape).to(device)
    given.given = (embedding.requires_grad_(), cas.requires_grad_())
    objective = LocalizerObjective(given, params, draw)
    labels = functional.one_hot(torch.arange(params.batch, device=device) % CLASSES, CLASSES).float()

    def call() -> None:
        embedding.grad, cas.grad = None, None
        sum(
            objective.losses(torch.empty(*sizes, 0), labels).values(), torch.zeros((), device=device)
        ).backward()

    return least(rounds, call, device)


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """One row of the table."""
    torch.set_num_threads(arguments.threads)
    device = pick_device(arguments.device)
    # As the train stage does.
    torch.use_deterministic_algorithms(True, warn_only=device.type != "cpu")
    torch.utils.deterministic.fill_uninitialized_memory = False
    params = parameters(arguments)
    with (
        tempfile.TemporaryDirectory() as folder,
        torch.autocast(device.type, torch.bfloat16, enabled=arguments.autocast),
    ):
        store = write_features(folder, arguments.recordings, arguments.snippets, arguments.dimensions)
        step, trainer = step_seconds(TrainingFeatures(store, store.videos, device), params, device)
        network = trainer.network
        del trainer
        convolutions = convolution_seconds(network, params, arguments.rounds, device)
        losses = loss_seconds(network, params, arguments.rounds, device)
    sizes = f"{arguments.batch} x {arguments.snippets} x {arguments.dimensions}"
    return {
        "B x T x D": sizes,
        "E": arguments.embedding,
        "device": device.type,
        "type": "bfloat16" if arguments.autocast else "float32",
        "threads": arguments.threads,
        "convolutions (s)": convolutions,
        "step (s)": step,
        "losses (s)": losses,
        "step / convolutions": step / convolutions,
        "losses / step (%)": 100 * losses / step,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in (
        ("batch", 64),
        ("snippets", 750),
        ("dimensions", 2048),
        ("embedding", 256),
        ("recordings", 100),
        ("threads", 1),
        ("rounds", 4),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--autocast", action="store_true")
    print(pd.DataFrame([measure(parser.parse_args())]).to_markdown(index=False, floatfmt=".3g"))
