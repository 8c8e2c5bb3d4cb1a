"""Parameters of the extractors of the package: what turns one recording into features."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from hcutal.params.section import Section, Share, param


class FloorParams(Section):
    """What is added before a logarithm is taken, about the noise of the sensor."""

    accelerometer: float = param(0.05, "of the acceleration", unit="g", source="trial", gt=0)
    gyroscope: float = param(0.125, "of the rotation", unit="rad/s", source="trial", gt=0)


class WatchFeatures(Section):
    """Snippets of sensor windows."""

    rate: float = param(50.0, "sampling rate of the recordings", unit="Hz", source="seglearn", gt=0)
    snippet_samples: int = param(16, "length of a snippet", unit="samples", source="code: 16 frames", ge=1)
    window_samples: int = param(
        128,
        "window around a snippet that is described",
        "Longer windows tell rhythms better and times worse; 128 are 2.6 s at 50 Hz.",
        unit="samples",
        source="trial",
        ge=4,
    )
    bands: list[Annotated[float, Field(gt=0)]] = param(
        [0.3, 1.0, 1.8, 3.3, 6.4, 9.6],
        "edges of the bands in which amplitudes are averaged, rising",
        unit="Hz",
        source="trial",
        min_length=2,
    )
    floor: FloorParams = param(
        FloorParams(), "added before a logarithm is taken", unit="g, rad/s", source="trial"
    )
    orientation: Literal["invariant", "raw"] = param(
        "invariant",
        "the same features on either wrist (invariant), or as measured (raw)",
        source="trial",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.window_samples < self.snippet_samples:
            raise ValueError("window_samples should be at least snippet_samples")
        if any(low >= high for low, high in pairwise(self.bands)):
            raise ValueError("bands should rise")
        return self


Stream = Literal["rgb", "flow"]


class I3DWeights(Section):
    """Files of the weights: safetensors, or a state dict saved by torch."""

    rgb: str | None = param(
        None, "file of the RGB weights; null: fetched", source="Carreira and Zisserman 2017"
    )
    flow: str | None = param(
        None, "file of the flow weights; null: no flow stream", source="Carreira and Zisserman 2017"
    )


class FilmFeatures(Section):
    """What is said of every film, whatever network it is for."""

    picture_rate: float | None = param(
        None,
        "of folders of numbered pictures; null: these are not taken",
        unit="pictures/s",
        source="convention",
        gt=0,
    )
    max_lost: float = param(
        0.1,
        "share of a damaged video's packets or duration that may be lost",
        "More are refused, with the reason on the page.",
        source="convention",
        ge=0,
        le=1,
    )
    batch: int = param(
        4, "snippets in a batch", "No other features; memory grows with it.", source="convention", ge=1
    )
    device: str = param(
        "auto", "where torch computes: auto (CUDA where there is one), cpu or cuda:1", source="convention"
    )


class I3DFeatures(FilmFeatures):
    """I3D on video, as in the CoLA line: 16 frames a snippet at 25 frames a second."""

    streams: list[Stream] = param(
        ["rgb", "flow"], "streams; one without weights is left out", source="§ 3.1.2", min_length=1
    )
    fps: float = param(25.0, "frame rate, taken by timestamp", unit="frames/s", source="code", gt=0)
    snippet_frames: int = param(16, "length of a snippet", unit="frames", source="code", ge=8)
    stride: int = param(
        16,
        "from one snippet to the next",
        "Below the length of a snippet they overlap, above it frames are left out.",
        unit="frames",
        source="code",
        ge=1,
    )
    resize: int = param(256, "shorter side of a frame", unit="pixels", source="I3D", ge=32)
    crop: int = param(224, "side of the centre crop", unit="pixels", source="I3D", ge=32)
    flow: Literal["tvl1", "dis"] = param(
        "tvl1",
        "optical flow; dis is a hundred times faster",
        "The weights were trained on TV-L1.",
        source="I3D",
    )
    flow_bound: float = param(
        20.0, "flow is clipped here and divided by it", unit="pixels", source="I3D", gt=0
    )
    weights: I3DWeights = param(I3DWeights(), "files; null: rgb is fetched, flow is absent", source="I3D")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.crop > self.resize:
            raise ValueError("crop should be at most resize")
        if len(set(self.streams)) < len(self.streams):
            raise ValueError("streams should name each stream once")
        return self


class BackboneFeatures(FilmFeatures):
    """A network for films or pictures of a library, with the window and the preprocessing that it was trained with."""

    fps: float | None = param(
        None,
        "frame rate, taken by timestamp; null: the model's own",
        unit="frames/s",
        source="the model",
        gt=0,
    )
    stride: int | None = param(
        None,
        "from one snippet to the next; null: about half a second, or a window of a picture model",
        unit="frames",
        source="convention",
        ge=1,
    )


class TorchvisionFeatures(BackboneFeatures):
    """A video model of torchvision, without its classifier."""

    model: str = param(
        "swin3d_t",
        "the model, by its name in torchvision",
        "docs/extraction.md has a table.",
        source="torchvision",
    )
    weights: str | None = param(
        None, "file of its state dict; null: Kinetics-400, fetched by torchvision", source="torchvision"
    )


class TransformersFeatures(BackboneFeatures):
    """A video or image encoder of Hugging Face."""

    model: str = param(
        "videomae-base",
        "the model: a name of the table in docs/extraction.md, a repository (org/name), or a folder",
        "Of safetensors alone; no code of a repository is run.",
        source="Hugging Face",
    )
    revision: str = param(
        "main",
        "revision of the repository; a commit pins it",
        "The sidecar names the commit and the SHA-256 of the weights.",
        source="convention",
    )


# `ignore: [4]` is a number for YAML.
Name = Annotated[str, BeforeValidator(lambda name: str(name) if isinstance(name, int) else name)]


class WindowFeatures(Section):
    """What is described of frames that are a vector each: windows of them, and how gaps are filled."""

    fps: float = param(25.0, "frame rate of the recordings", unit="frames/s", source="convention", gt=0)
    snippet_frames: int = param(16, "length of a snippet", unit="frames", source="code", ge=1)
    stride: int = param(
        16,
        "from one snippet to the next",
        "Below the length of a snippet they overlap.",
        unit="frames",
        source="code",
        ge=1,
    )
    window_frames: int = param(
        32,
        "window around a snippet that is described",
        "At least a snippet. Longer windows tell motions better and times worse.",
        unit="frames",
        source="convention",
        ge=2,
    )
    longest_gap: float | None = param(
        1.0,
        "longest step of a clock that is filled; null: any",
        "By straight lines. What follows a longer one is left out, and counted. Missing values of rows that are there "
        "are filled, however many; long ones are counted.",
        unit="s",
        source="convention",
        gt=0,
    )


class VectorFeatures(WindowFeatures):
    """Vectors a frame (skeletons, other sensors) in windows of frames."""

    centre: bool = param(
        False,
        "the mean of the joints is taken off",
        "For arrays [frames, joints, coordinates]: it no longer matters where somebody stands.",
        source="convention",
    )
    columns: list[Name] | None = param(
        None,
        "columns that are read, by name or pattern (acc_*); null: those that most recordings have",
        "Of arrays, their numbers from 0 on, `joint.coordinate` where they have joints. A recording that lacks one of "
        "them fails, and the others go on.",
        source="convention",
        min_length=1,
    )
    matched: list[str] | None = param(
        None,
        "columns that most recordings have",
        source="the recordings",
        filled="is told by the recordings; set columns",
    )
    ignore: list[Name] = param([], "columns that are left out, by name or pattern", source="convention")
    time: str | None = param(
        None, 'column that is a clock; null: found by its name; "": none', source="convention"
    )
    time_unit: Literal["s", "ms", "us", "ns"] | None = param(
        None, "unit of the clock; null: as its name says, or told by the rate", source="convention"
    )
    likelihood: Share = param(
        0.6,
        "of DeepLabCut's tables: places that are less likely are missing",
        source="DeepLabCut (pcutoff)",
    )
    separator: Literal["tab", "semicolon", "bar", "comma", "blank"] | None = param(
        None, "between the values of a table; null: told by its first line", source="convention"
    )
    decimal: Literal["point", "comma"] | None = param(
        None, "decimal sign of a table; null: told by its numbers", source="convention"
    )


class PoseFeatures(WindowFeatures):
    """Poses of animals or people: places of the parts of bodies, frame by frame."""

    likelihood: Share = param(
        0.6,
        "places that are less likely are missing",
        "Those of which a file says no likelihood stay.",
        source="DeepLabCut (pcutoff)",
    )
    individual: Name = param(
        "one",
        "whose poses: one (of whom most is seen), all (side by side), or a name",
        "all needs the same individuals in all recordings. hcutal split-poses makes a recording of each.",
        source="convention",
    )
    parts: list[Name] | None = param(
        None,
        "parts that are read, by name or pattern; null: those that are seen in most recordings",
        "A recording in which one of them is never seen fails, and the others go on.",
        source="convention",
        min_length=1,
    )
    matched: list[str] | None = param(
        None,
        "parts that are seen in most recordings",
        source="the recordings",
        filled="is told by the recordings; set parts",
    )
    ignore: list[Name] = param([], "parts that are left out, by name or pattern", source="convention")
    centre: Name = param(
        "mean",
        "what places are relative to: mean (of the parts), a part, or none",
        "With a centre it does not matter where somebody is; how fast the centre moves becomes a dimension.",
        source="convention",
    )
    scale: Literal["spread", "none"] | Annotated[list[Name], Field(min_length=2, max_length=2)] = param(
        "spread",
        "the length that is one: spread (of the parts around their mean), of two parts their distance, or none",
        "The median over a recording, so that cameras and bodies of different size are alike.",
        source="convention",
    )
