"""Networks of libraries on films: a window of frames in the form of their training, a vector a snippet."""

from abc import abstractmethod
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from hcutal.data.times import SnippetTimes
from hcutal.extract.extractor import About, Array
from hcutal.extract.video.film_extractor import FilmExtractor, Pictures
from hcutal.extract.video.snippets import windows
from hcutal.params.extractors import BackboneFeatures

RGB = "rgb"


@dataclass(frozen=True)
class PictureForm:
    """How a model wants its pictures.

    Attributes:
        resize: pixels of the shorter side, or [height, width] whatever the proportions.
        crop: height and width of the centre crop; where a margin is odd, as torchvision rounds it.
        mean: of the channels, taken off values in 0 to 1.
        deviation: of the channels, by which these are divided.
        interpolation: where the proportions change, bilinear or bicubic.
    """

    resize: int | tuple[int, int]
    crop: tuple[int, int]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    interpolation: str = "bilinear"

    @property
    def shorter(self) -> int:
        """Pixels of the shorter side of the frames that are decoded."""
        return self.resize if isinstance(self.resize, int) else max(self.resize)


@dataclass(frozen=True)
class Backbone:
    """What is to be known of a model.

    Attributes:
        name: in the parameters.
        fps: frames a second that it was trained with.
        window: frames of a snippet.
        stride: frames from one snippet to the next.
        size: D of a feature.
        licence: of the weights.
        megabytes: of the download.
        source: what the library calls it.
        is_gated: whether one has to agree to the licence before the weights can be fetched.
    """

    name: str
    fps: float
    window: int
    stride: int
    size: int
    licence: str
    megabytes: int
    source: str = ""
    is_gated: bool = False


class BackboneExtractor(FilmExtractor):
    """Features [T, D] of one stream, `rgb`, of a model; a subclass knows its library.

    On a processor the snippets go through one by one, so that features do not depend on the batch.
    """

    Params: ClassVar = BackboneFeatures
    _params: Any

    @abstractmethod
    def backbone(self) -> Backbone:
        """What is known of the model; `HcutalError` for one that is not known."""

    @abstractmethod
    def form(self) -> PictureForm:
        """How the model wants its pictures."""

    @abstractmethod
    def origin(self) -> tuple[str, Mapping[str, Any]]:
        """The SHA-256 of the weights, and where they are from; `HcutalError` where they cannot be had."""

    @abstractmethod
    def encode(self, values: Tensor) -> Tensor:
        """Features [n, D] of snippets [n, window, 3, height, width] that are in the model's form."""

    @property
    def times(self) -> SnippetTimes:
        """Where the snippets stand."""
        params, known = self._params, self.backbone()
        return SnippetTimes(params.fps or known.fps, known.window, params.stride or known.stride)

    def about(self) -> About:
        """What the sidecar says; `HcutalError` where there are no weights."""
        known, form, times = self.backbone(), self.form(), self.times
        digest, origin = self.origin()
        settings = {
            "model": known.name,
            "licence": known.licence,
            "resize": form.resize if isinstance(form.resize, int) else list(form.resize),
            "crop": list(form.crop),
            "mean": list(form.mean),
            "deviation": list(form.deviation),
            "max_lost": self._params.max_lost,
            **origin,
        }
        return About(times.fps, times.frames, times.stride, f"{RGB}:{digest}", settings)

    def step(self) -> float:
        """Seconds from one snippet to the next."""
        return self.times.step

    def snippets(self, path: Path, start: int) -> Generator[Pictures]:
        """The windows of a film from snippet `start` on, in pixels."""
        times = self.times
        images = self.images(path, times.fps, self.form().shorter, start * times.stride)
        with closing(images):
            for window in windows(images, times.frames, times.stride, fill=start == 0):
                yield {RGB: np.stack(window[: times.frames])}

    @torch.inference_mode()
    def apply(self, batch: list[Pictures]) -> dict[str, Array]:
        """Features float32 [n, D]."""
        snippets = [
            prepared(torch.from_numpy(np.asarray(one[RGB])).to(self.device), self.form()) for one in batch
        ]
        parts = [[one] for one in snippets] if self.device.type == "cpu" else [snippets]
        found = torch.cat([self.encode(torch.stack(part)) for part in parts])
        return {RGB: found.float().cpu().numpy()}


def prepared(pictures: Tensor, form: PictureForm) -> Tensor:
    """Pictures uint8 [n, height, width, 3] as the model wants them: float32 [n, 3, crop, crop]."""
    values = pictures.permute(0, 3, 1, 2).float()
    if not isinstance(form.resize, int) and tuple(values.shape[2:]) != form.resize:
        values = functional.interpolate(
            values, form.resize, mode=form.interpolation, align_corners=False
        ).round()
    top, left = (round((side - crop) / 2) for side, crop in zip(values.shape[2:], form.crop, strict=True))
    values = values[:, :, top : top + form.crop[0], left : left + form.crop[1]] / 255
    mean, deviation = (
        torch.tensor(each, device=values.device)[:, None, None] for each in (form.mean, form.deviation)
    )
    return (values - mean) / deviation
