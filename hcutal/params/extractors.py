"""Parameters of the extractors of the package: what turns one recording into features."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hcutal.params.section import Section


class FloorParams(Section):
    """What is added before a logarithm is taken, in the unit of the stream."""

    accelerometer: float = Field(0.05, gt=0)
    gyroscope: float = Field(0.125, gt=0)


class WatchFeatures(Section):
    """Snippets of sensor windows; lengths in samples, bands in Hz, floors in the unit of the stream (g, rad/s)."""

    rate: float = Field(50.0, gt=0)
    snippet_samples: int = Field(16, ge=1)
    window_samples: int = Field(128, ge=4)
    bands: list[Annotated[float, Field(gt=0)]] = Field([0.3, 1.0, 1.8, 3.3, 6.4, 9.6], min_length=2)
    floor: FloorParams = FloorParams()
    orientation: Literal["invariant", "raw"] = "invariant"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.window_samples < self.snippet_samples:
            raise ValueError("window_samples should be at least snippet_samples")
        if any(low >= high for low, high in pairwise(self.bands)):
            raise ValueError("bands should rise")
        return self


Stream = Literal["rgb", "flow"]


class I3DWeights(Section):
    """Files of the weights (safetensors, or a state dict saved by torch); null: rgb is fetched, flow is absent."""

    rgb: str | None = None
    flow: str | None = None


class I3DFeatures(Section):
    """I3D on video, as in the CoLA line: 16 frames a snippet at 25 frames a second."""

    streams: list[Stream] = Field(["rgb", "flow"], min_length=1)
    fps: float = Field(25.0, gt=0)
    snippet_frames: int = Field(16, ge=8)
    stride: int = Field(16, ge=1)
    resize: int = Field(256, ge=32)
    crop: int = Field(224, ge=32)
    flow: Literal["tvl1", "dis"] = "tvl1"
    flow_bound: float = Field(20.0, gt=0)
    max_lost: float = Field(0.1, ge=0, le=1)
    weights: I3DWeights = I3DWeights()
    batch: int = Field(4, ge=1)
    device: str = "auto"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.crop > self.resize:
            raise ValueError("crop should be at most resize")
        if len(set(self.streams)) < len(self.streams):
            raise ValueError("streams should name each stream once")
        return self


class VectorFeatures(Section):
    """Vectors a frame (skeletons, other sensors) in windows of frames."""

    fps: float = Field(25.0, gt=0)
    snippet_frames: int = Field(16, ge=1)
    stride: int = Field(16, ge=1)
    window_frames: int = Field(32, ge=2)
    centre: bool = False
