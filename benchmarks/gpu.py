"""Whether a GPU gives what the CPU gives, within a tolerance, and how many steps and snippets a second each does.

    python benchmarks/gpu.py
    python benchmarks/gpu.py --device cuda:1 --recordings 200 --snippets 750 --dimensions 2048 --embedding 2048

Three things are held against each other: the losses of the first step of either kind (same weights, same recordings,
nothing dropped), the class activation sequence of one trained network, and the features of I3D with random weights. A
difference is the largest one, as a share of the largest value. Exit status: 1 where one is above the tolerance, 2 where
torch has no such device; 0 without CUDA when no device is named, since then there is nothing to be checked.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from hcutal.data.store import FeatureStore, write_store
from hcutal.data.times import SnippetTimes
from hcutal.device import pick_device
from hcutal.errors import HcutalError
from hcutal.extract.video.i3d_network import I3D
from hcutal.model.checkpoint import Localizer
from hcutal.model.packed import TrainingFeatures
from hcutal.model.training import LEVEL_OF, Row, Trainer
from hcutal.params.train import TrainParams

CPU = torch.device("cpu")
CLASSES = 8
# Convolutions on CUDA may round their inputs to 10 bits (TF32).
TOLERANCE = 0.02
Arrays = Mapping[str, npt.ArrayLike]


def differences(expected: Arrays, found: Arrays) -> dict[str, float]:
    """The largest difference of each array, as a share of the largest value that is expected; inf where one is NaN."""
    result = {}
    for name, values in expected.items():
        one, other = np.asarray(values, dtype=float), np.asarray(found[name], dtype=float)
        largest = float(np.abs(one).max())
        share = float(np.abs(one - other).max()) / largest if largest > 0 else float(np.abs(other).max())
        result[name] = share if np.isfinite(share) else float("inf")
    return result


def write_features(folder: Path, recordings: int, snippets: int, dimensions: int) -> FeatureStore:
    """Recordings of one class each, whose last third lies in the direction of the class."""
    generator = np.random.default_rng(0)
    directions = generator.standard_normal((CLASSES, dimensions), dtype=np.float32)
    with write_store(folder / "store", "made", SnippetTimes(25.0, 16, 16)) as writer:
        for number in range(recordings):
            values = generator.standard_normal((snippets, dimensions), dtype=np.float32)
            values[-snippets // 3 :] += 2 * directions[number % CLASSES]
            writer.add(f"v{number:04}", {"made": values})
    return FeatureStore(folder / "store")


def parameters(options: argparse.Namespace) -> TrainParams:
    """A training in which nothing is left to chance once its weights are drawn, which happens on the CPU."""
    return TrainParams.model_validate(
        {
            "snippets": options.snippets,
            "batch": options.batch,
            "embedding": options.embedding,
            "steps": options.steps,
            "refresh": options.steps,
            "dropout": 0.0,
            "video": {
                "clusters": CLASSES,
                "warmup": options.steps,
                "restarts": 1,
                "neighbours": None,
                "views": "halves",
                "components": 0.0,
                "noise": 0.0,
            },
        }
    )


def trained(
    store: FeatureStore, params: TrainParams, device: torch.device
) -> tuple[Trainer, dict[str, list[float]], float]:
    """A training; the losses of the first step of either kind; joint steps a second, the first one left out."""
    stamps: list[float] = []

    def stamp(row: Row) -> None:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        stamps.append(time.perf_counter())

    trainer = Trainer(TrainingFeatures(store, store.videos, device), params, None, device, stamp)
    curves = trainer.run().curves
    first = {
        f"losses of the first step, {kind}": [float(row[name] or 0.0) for name in LEVEL_OF]
        for kind, row in (("video level", curves[0]), ("joint", curves[params.video.warmup]))
    }
    joint = stamps[params.video.warmup :]
    return trainer, first, (len(joint) - 1) / (joint[-1] - joint[0])


def sequences(
    trainer: Trainer, params: TrainParams, store: FeatureStore, device: torch.device
) -> dict[str, npt.ArrayLike]:
    """What the localizer finds in a recording, computed on `device`."""
    network = trainer.network.eval().to(device)
    localizer = Localizer(network, trainer.snippets, params.top, "unsupervised", None, store.meta.streams)
    found = localizer.cas(store.read(store.videos[0]))
    return {name: getattr(found, name) for name in ("cas", "scores", "actionness", "magnitude")}


@torch.inference_mode()
def extracted(device: torch.device, batches: int, size: int) -> tuple[npt.NDArray[np.float32], float]:
    """Features of random frames by I3D with random weights, and snippets a second."""
    torch.manual_seed(0)
    network = I3D().eval().to(device)
    generator = torch.Generator().manual_seed(0)
    frames = torch.rand(4, 3, 16, size, size, generator=generator).mul(2).sub(1)
    features = network.features(frames.to(device)).cpu().numpy()
    begin = time.perf_counter()
    for _ in range(batches):
        network.features(frames.to(device)).cpu()
    return features, batches * len(frames) / (time.perf_counter() - begin)


def compare(options: argparse.Namespace, device: torch.device) -> dict[str, float]:
    """Print what both devices do a second; the differences."""
    params = parameters(options)
    with tempfile.TemporaryDirectory() as folder:
        store = write_features(Path(folder), options.recordings, options.snippets, options.dimensions)
        trainer, expected, ours = trained(store, params, CPU)
        _, found, theirs = trained(store, params, device)
        result = differences(expected, found)
        on_cpu = sequences(trainer, params, store, CPU)
        result |= differences(on_cpu, sequences(trainer, params, store, device))
    features, slow = extracted(CPU, options.batches, options.size)
    others, fast = extracted(device, options.batches, options.size)
    result |= differences({"features of I3D": features}, {"features of I3D": others})
    print(f"{'':34} {'cpu':>9} {device!s:>9}")
    print(f"{'joint steps a second':34} {ours:9.2f} {theirs:9.2f}")
    print(f"{'snippets of I3D a second':34} {slow:9.2f} {fast:9.2f}")
    return result


def run(options: argparse.Namespace) -> int:
    if options.device is None and not torch.cuda.is_available():
        print(f"torch {torch.__version__} has no CUDA device here: nothing was compared")
        return 0
    try:
        device = pick_device(options.device or "cuda")
    except HcutalError as error:
        print(error, file=sys.stderr)
        return 2
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "the CPU itself"
    print(f"torch {torch.__version__}, {name}")
    torch.use_deterministic_algorithms(True, warn_only=True)
    worst = 0.0
    for what, share in compare(options, device).items():
        print(f"{what:34} differ by {share:.1e}{'' if share <= options.tolerance else ': too much'}")
        worst = max(worst, share)
    return int(worst > options.tolerance)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", help="of torch; default: cuda")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    for option, default in (
        ("recordings", 64),
        ("snippets", 100),
        ("dimensions", 256),
        ("embedding", 256),
        ("batch", 24),
        ("steps", 20),
        ("batches", 5),
        ("size", 224),
    ):
        parser.add_argument(f"--{option}", type=int, default=default)
    sys.exit(run(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
