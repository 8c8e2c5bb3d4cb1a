"""Video and image encoders of Hugging Face on films: safetensors alone, and no code of a repository is run."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor, nn

from hcutal.errors import HcutalError
from hcutal.extract.video.backbone import Backbone, BackboneExtractor, PictureForm
from hcutal.extract.video.encoder_shapes import SHAPES
from hcutal.extract.video.torchvision_models import torchvision_models
from hcutal.files import read_json, sha256
from hcutal.params.extractors import TransformersFeatures

KNOWN = {
    model.name: model
    for model in (
        Backbone("videomae-base", 7.5, 16, 4, 768, "CC-BY-NC-4.0", 377, "MCG-NJU/videomae-base"),
        Backbone(
            *("videomae-base-kinetics", 7.5, 16, 4, 768, "CC-BY-NC-4.0", 346),
            "MCG-NJU/videomae-base-finetuned-kinetics",
        ),
        Backbone("vjepa2-vitl", 4.0, 16, 4, 1024, "MIT", 1300, "facebook/vjepa2-vitl-fpc64-256"),
        Backbone(
            "clip-vit-large", 6.25, 4, 4, 1024, "MIT (OpenAI's code)", 1710, "openai/clip-vit-large-patch14"
        ),
        Backbone("dinov2-base", 6.25, 4, 4, 768, "Apache-2.0", 346, "facebook/dinov2-base"),
        Backbone("dinov2-large", 6.25, 4, 4, 1024, "Apache-2.0", 1220, "facebook/dinov2-large"),
        Backbone(
            *("dinov3-base", 6.25, 4, 4, 768, "DINOv3 License (Meta's own, gated)", 343),
            *("facebook/dinov3-vitb16-pretrain-lvd1689m", True),
        ),
        Backbone(
            *("dinov3-large", 6.25, 4, 4, 1024, "DINOv3 License (Meta's own, gated)", 1210),
            *("facebook/dinov3-vitl16-pretrain-lvd1689m", True),
        ),
    )
}
FILES = ("config.json", "preprocessor_config.json", "video_preprocessor_config.json")
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
# PIL's numbers.
INTERPOLATIONS = {2: "bilinear", 3: "bicubic"}


@dataclass(frozen=True)
class Family:
    """How encoders of a kind are loaded and called.

    Attributes:
        model: the class in transformers.
        is_video: whether a window of frames is one input; else each frame is one, and their mean the feature.
        argument: of the pictures.
        fixed: the field of the configuration that says how many frames there have to be.
        options: of the call.
    """

    model: str
    is_video: bool
    argument: str = "pixel_values"
    fixed: str = ""
    options: tuple[tuple[str, Any], ...] = ()


FAMILIES = {
    "videomae": Family("VideoMAEModel", True, fixed="num_frames"),
    "vjepa2": Family("VJEPA2Model", True, "pixel_values_videos", options=(("skip_predictor", True),)),
    "clip": Family("CLIPVisionModel", False),
    "clip_vision_model": Family("CLIPVisionModel", False),
    "siglip": Family("SiglipVisionModel", False),
    "dinov2": Family("Dinov2Model", False),
    "dinov3_vit": Family("DINOv3ViTModel", False),
}


class TransformersExtractor(BackboneExtractor):
    """Features [T, D] of an encoder of Hugging Face: what it pools, or the mean of its tokens."""

    Params: ClassVar = TransformersFeatures
    _params: TransformersFeatures

    def backbone(self) -> Backbone:
        """What is known of the model: by the table, else by its configuration."""
        known = KNOWN.get(self._params.model)
        return self._found if known is None else known

    def form(self) -> PictureForm:
        """The preprocessing that the repository states."""
        return self._form

    def waiting(self) -> str:
        """What would be fetched first, in words; empty where nothing would be."""
        if self._local() is not None:
            return ""
        known = KNOWN.get(self._params.model)
        about = (
            "size and licence stand in its card"
            if known is None
            else f"{known.megabytes} MB; {known.licence}"
        )
        return f"{self._source} from Hugging Face ({about}){self._gate}"

    def rehearsal(self) -> "TransformersExtractor | None":
        """The same with weights of chance, which takes as long; None where that cannot be made without a network."""
        shape = SHAPES.get(self._params.model)
        if shape is None or find_spec("transformers") is None:
            return None
        # A snippet at a time: a sample ends soon after its time, however large the network is.
        made = TransformersExtractor(self._params.model_copy(update={"batch": 1}))
        made._family, made._form = FAMILIES[shape.kind], shape.form()
        made._network = shape.network(_module("transformers"), made._family.model).to(self.device)
        return made

    def origin(self) -> tuple[str, Mapping[str, Any]]:
        """The SHA-256 of the weights, and repository, revision and commit that they are of."""
        files = sorted(self._folder.glob("*.safetensors"))
        if not files:
            raise HcutalError(
                f"{self._folder}: no safetensors; expected {WEIGHTS} (other forms are not loaded)"
            )
        digests = [sha256(file) for file in files]
        whole = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
        # The hub keeps a revision in a folder that is called like its commit.
        commit = self._folder.name if self._folder.parent.name == "snapshots" else None
        source = self._source if commit else self._folder.name
        return whole, {"source": source, "revision": self._params.revision, "commit": commit}

    def load(self) -> object:
        """The network with its weights; `HcutalError` where they cannot be had."""
        return self._network

    def encode(self, values: Tensor) -> Tensor:
        """Features [n, D] of snippets [n, window, 3, height, width]."""
        family = self._family
        pictures = values if family.is_video else values.flatten(0, 1)
        found = self._network(**{family.argument: pictures}, **dict(family.options))
        pooled = getattr(found, "pooler_output", None)
        features: Tensor = found.last_hidden_state.mean(dim=1) if pooled is None else pooled
        return features if family.is_video else features.unflatten(0, values.shape[:2]).mean(dim=1)

    @property
    def _gate(self) -> str:
        """What to do before weights can be fetched that are given only to those who agree to their licence."""
        known = KNOWN.get(self._params.model)
        page = f"huggingface.co/{self._source}"
        return (
            f"; agree to the licence first on {page}, then hf auth login" if known and known.is_gated else ""
        )

    @property
    def _source(self) -> str:
        known = KNOWN.get(self._params.model)
        return self._params.model if known is None else known.source

    def _local(self) -> Path | None:
        """The folder of the model where nothing has to be fetched; None where something has."""
        if Path(self._params.model).is_dir():
            return Path(self._params.model).resolve()
        with suppress(Exception):
            folder = Path(self._snapshot(local_files_only=True))
            return folder if (folder / FILES[0]).is_file() and any(folder.glob("*.safetensors")) else None
        return None

    def _snapshot(self, **options: Any) -> str:
        hub = _module("huggingface_hub")
        patterns = [*FILES, WEIGHTS, INDEX, "model-*.safetensors"]
        found: str = hub.snapshot_download(
            self._source, revision=self._params.revision, allow_patterns=patterns, **options
        )
        return found

    @cached_property
    def _folder(self) -> Path:
        _module("transformers")
        if (local := self._local()) is not None:
            return local
        try:
            return Path(self._snapshot())
        except Exception as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise HcutalError(
                f"model {self._params.model}: {self._source} cannot be fetched ({first}){self._gate}; expected a "
                f"network, or a folder with {FILES[0]}, {FILES[1]} and {WEIGHTS}: -o model=FOLDER. Names: "
                f"{', '.join(KNOWN)}"
            ) from None

    @cached_property
    def _config(self) -> Mapping[str, Any]:
        found = read_json(self._folder / FILES[0])
        if not isinstance(found, dict) or found.get("model_type") not in FAMILIES:
            kind = found.get("model_type") if isinstance(found, dict) else None
            raise HcutalError(
                f"{self._folder / FILES[0]}: model_type is {kind!r}; expected one of {', '.join(FAMILIES)}"
            )
        return found

    @cached_property
    def _family(self) -> Family:
        return FAMILIES[self._config["model_type"]]

    @cached_property
    def _found(self) -> Backbone:
        """A model that is in no table: the window is what it is made for, or that of its kind."""
        like = "vjepa2-vitl" if self._config["model_type"] == "vjepa2" else "videomae-base"
        kind = KNOWN[like if self._family.is_video else "dinov2-base"]
        window = int(self._config.get(self._family.fixed, kind.window))
        sizes = self._config.get("vision_config", self._config)
        stride = min(kind.stride, window)
        size = int(sizes.get("hidden_size", 0))
        return Backbone(
            Path(self._params.model).name, kind.fps, window, stride, size, "see its card", 0, self._source
        )

    @cached_property
    def _form(self) -> PictureForm:
        return read_form(self._folder)

    @cached_property
    def _network(self) -> nn.Module:
        kind = getattr(_module("transformers"), self._family.model)
        try:
            network: nn.Module = kind.from_pretrained(
                self._folder, use_safetensors=True, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:
            first = str(error).strip().splitlines()[0]
            raise HcutalError(f"{self._folder}: cannot be loaded ({type(error).__name__}: {first})") from None
        return network.float().eval().requires_grad_(False).to(self.device)


def read_form(folder: Path) -> PictureForm:
    """The preprocessing of a model; `HcutalError` where its folder states none, or one of another kind."""
    path = next((folder / name for name in reversed(FILES[1:]) if (folder / name).is_file()), None)
    if path is None:
        raise HcutalError(f"{folder}: no {FILES[1]}; expected sizes, mean and deviation of its pictures")
    said = read_json(path)
    try:
        size = said.get("size", 224)
        crop = said.get("crop_size") if said.get("do_center_crop", "crop_size" in said) else None
        resize = _shorter_or_both(size)
        both = (resize, resize) if isinstance(resize, int) else resize
        return PictureForm(
            resize,
            both if crop is None else _both(crop),
            tuple(map(float, said["image_mean"])),
            tuple(map(float, said["image_std"])),
            INTERPOLATIONS.get(said.get("resample", 2), "bilinear"),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise HcutalError(
            f"{path}: {type(error).__name__}: {error}; expected size, image_mean and image_std"
        ) from None


def _shorter_or_both(size: Any) -> int | tuple[int, int]:
    if isinstance(size, dict) and "shortest_edge" in size:
        return int(size["shortest_edge"])
    return size if isinstance(size, int) else _both(size)


def _both(size: Any) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (int(size["height"]), int(size["width"]))


def _module(name: str) -> Any:
    # transformers imports torchvision where there is one.
    if find_spec("torchvision") is not None:
        torchvision_models()
    try:
        return import_module(name)
    except ImportError:
        raise HcutalError(
            f"extractor transformers: needs the package {name}: pip install 'hcutal[transformers]'"
        ) from None
