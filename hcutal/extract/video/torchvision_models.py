"""torchvision's video models, without their classifiers, on films."""

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from hcutal.errors import HcutalError
from hcutal.extract.video.backbone import Backbone, BackboneExtractor, PictureForm
from hcutal.extract.video.torch_file import read_torch_file
from hcutal.files import sha256
from hcutal.params.extractors import TorchvisionFeatures

BSD = "BSD-3-Clause (torchvision); trained on Kinetics-400"
# Frames a second and windows as in the weights' own evaluation; S3D's of 128 frames are cut to 16, since a snippet of
# 8.5 s finds no bounds.
KNOWN = {
    model.name: model
    for model in (
        Backbone("s3d", 15.0, 16, 8, 1024, BSD, 32),
        Backbone("r2plus1d_18", 15.0, 16, 8, 512, BSD, 120),
        Backbone("mc3_18", 15.0, 16, 8, 512, BSD, 45),
        Backbone("r3d_18", 15.0, 16, 8, 512, BSD, 127),
        Backbone("mvit_v1_b", 7.5, 16, 4, 768, BSD, 140),
        Backbone("mvit_v2_s", 7.5, 16, 4, 768, BSD, 132),
        Backbone("swin3d_t", 15.0, 32, 8, 768, BSD, 122),
        Backbone("swin3d_s", 15.0, 32, 8, 768, BSD, 218),
        Backbone("swin3d_b", 15.0, 32, 8, 1024, BSD, 364),
    )
}
HEADS = ("classifier", "fc", "head")


class TorchvisionExtractor(BackboneExtractor):
    """Features [T, D] of a video model of torchvision; where no weights are given, they are fetched and checked."""

    Params: ClassVar = TorchvisionFeatures
    _params: TorchvisionFeatures

    def backbone(self) -> Backbone:
        """What is known of the model; `HcutalError` for one that is not known."""
        if self._params.model not in KNOWN:
            raise HcutalError(f"model: found {self._params.model!r}; expected one of {', '.join(KNOWN)}")
        return KNOWN[self._params.model]

    def form(self) -> PictureForm:
        """The preprocessing that torchvision keeps with the weights."""
        return self._form

    def waiting(self) -> str:
        """What would be fetched first, in words; empty where nothing would be."""
        if self._params.weights is not None or self._cached.is_file():
            return ""
        known = self.backbone()
        return f"the weights of {known.name} ({known.megabytes} MB, from torchvision's site; {known.licence})"

    def rehearsal(self) -> "TorchvisionExtractor":
        """The same with weights of chance: it takes as long, and nothing has to be fetched."""
        made = TorchvisionExtractor(self._params)
        made._network = self._ready(make_network(self.backbone().name))
        return made

    def origin(self) -> tuple[str, Mapping[str, Any]]:
        """The SHA-256 of the weights, and which they are."""
        if self._params.weights is not None:
            return sha256(self._params.weights), {"file": Path(self._params.weights).name}
        if not self._cached.is_file():
            self._fetched()
        return sha256(self._cached), {"file": self._cached.name}

    def load(self) -> object:
        """The network with its weights; `HcutalError` where they cannot be had, or do not fit."""
        return self._network

    def encode(self, values: Tensor) -> Tensor:
        """Features [n, D] of snippets [n, window, 3, height, width]."""
        found: Tensor = self._network(values.transpose(1, 2))
        return found

    @cached_property
    def _form(self) -> PictureForm:
        transforms = self._weights.transforms()
        resize = transforms.resize_size
        return PictureForm(
            resize[0] if len(resize) == 1 else tuple(resize),
            tuple(transforms.crop_size),
            tuple(transforms.mean),
            tuple(transforms.std),
        )

    @cached_property
    def _weights(self) -> Any:
        return torchvision_models().get_model_weights(self.backbone().name)["KINETICS400_V1"]

    @cached_property
    def _cached(self) -> Path:
        return Path(torch.hub.get_dir(), "checkpoints", self._weights.url.rpartition("/")[2])

    def _fetched(self) -> Mapping[str, Tensor]:
        try:
            state: Mapping[str, Tensor] = self._weights.get_state_dict(
                check_hash=True, weights_only=True, map_location="cpu", progress=False
            )
        except Exception as error:
            raise HcutalError(
                f"model {self.backbone().name}: its weights cannot be fetched ({error}); expected a network, the "
                f"file of {self._weights.url} in {self._cached.parent}, or -o weights=PATH"
            ) from None
        return state

    @cached_property
    def _network(self) -> nn.Module:
        given = self._params.weights
        state = self._fetched() if given is None else read_state(Path(given))
        network = make_network(self.backbone().name)
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            first = str(error).splitlines()[1].strip() if "\n" in str(error) else error
            raise HcutalError(
                f"{given or self._cached}: no weights of {self._params.model} ({first})"
            ) from None
        return self._ready(network)

    def _ready(self, network: nn.Module) -> nn.Module:
        return without_head(network).eval().requires_grad_(False).to(self.device)


def torchvision_models() -> Any:
    """The module torchvision.models; `HcutalError` where it is missing or does not fit torch."""
    try:
        return import_module("torchvision.models")
    except ImportError:
        raise HcutalError(
            "extractor torchvision: needs the package torchvision: pip install 'hcutal[torchvision]'"
        ) from None
    except RuntimeError:
        _declare_operators()
    try:
        return import_module("torchvision.models")
    except (ImportError, RuntimeError) as error:
        raise HcutalError(
            f"extractor torchvision: torchvision does not fit torch {torch.__version__} ({error}); install both anew"
        ) from None


def _declare_operators() -> None:
    """Declare what torchvision expects of its compiled part, where that is of another build of torch.

    A torchvision for GPUs beside a torch without them lacks it; video models use none of its operators.
    """
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _libraries.append(library)


# A library that is let go takes its operators along.
_libraries: list[Any] = []


def make_network(name: str) -> nn.Module:
    """A model of torchvision without weights."""
    network: nn.Module = torchvision_models().get_model(name, weights=None)
    return network


def without_head(network: nn.Module) -> nn.Module:
    """The network with its last layers, which tell classes, replaced by nothing: it gives [n, D]."""
    head = next(name for name, _ in network.named_children() if name in HEADS)
    setattr(network, head, nn.Identity())
    return network


def read_state(path: Path) -> Mapping[str, Tensor]:
    """A state dict, of safetensors or saved by torch; no code in it is run."""
    if not path.is_file():
        raise HcutalError(f"{path}: no such file of weights")
    try:
        return load_file(path) if path.suffix == ".safetensors" else dict(read_torch_file(path))
    except Exception as error:
        raise HcutalError(f"{path}: no state dict ({type(error).__name__}: {error})") from None
