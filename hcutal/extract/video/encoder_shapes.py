"""The shapes of known encoders of Hugging Face: a network of chance weights takes as long as the real one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from hcutal.extract.video.backbone import PictureForm

LARGE = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16}
BASE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12}


@dataclass(frozen=True)
class EncoderShape:
    """An encoder without its weights.

    Attributes:
        kind: the `model_type` of its configuration.
        config: the class of the configuration in transformers.
        resize: pixels of the shorter side of its pictures, before they are cropped.
        crop: pixels of a side after it.
        values: of the configuration.
    """

    kind: str
    config: str
    resize: int
    crop: int
    values: Mapping[str, Any] = field(default_factory=dict)

    def network(self, transformers: Any, model: str) -> nn.Module:
        """A network of the class `model` of chance weights."""
        found: nn.Module = getattr(transformers, model)(getattr(transformers, self.config)(**self.values))
        return found.float().eval().requires_grad_(False)

    def form(self) -> PictureForm:
        """Pictures of its size; what is taken off them costs no time."""
        return PictureForm(self.resize, (self.crop, self.crop), (0.5,) * 3, (0.5,) * 3)


def _dinov2(values: Mapping[str, Any]) -> EncoderShape:
    return EncoderShape("dinov2", "Dinov2Config", 256, 224, {**values, "image_size": 518, "patch_size": 14})


def _dinov3(values: Mapping[str, Any]) -> EncoderShape:
    more = {"image_size": 224, "num_register_tokens": 4, "intermediate_size": 4 * values["hidden_size"]}
    return EncoderShape("dinov3_vit", "DINOv3ViTConfig", 224, 224, {**values, **more})


_VIDEOMAE = EncoderShape("videomae", "VideoMAEConfig", 224, 224, BASE)
SHAPES = {
    "videomae-base": _VIDEOMAE,
    "videomae-base-kinetics": _VIDEOMAE,
    "vjepa2-vitl": EncoderShape("vjepa2", "VJEPA2Config", 292, 256, LARGE),
    "clip-vit-large": EncoderShape(
        "clip_vision_model",
        "CLIPVisionConfig",
        224,
        224,
        {**LARGE, "image_size": 224, "patch_size": 14, "intermediate_size": 4096},
    ),
    "dinov2-base": _dinov2(BASE),
    "dinov2-large": _dinov2(LARGE),
    "dinov3-base": _dinov3(BASE),
    "dinov3-large": _dinov3(LARGE),
}
