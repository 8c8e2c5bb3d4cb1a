"""Parameters of the kind `features`: features that the user has."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from hcutal.params.kind import KindParams
from hcutal.params.section import Section, Share, param


class StreamPart(Section):
    """A stream that is some of the columns of an array."""

    stream: str = param(..., "name of the stream", source="convention", min_length=1)
    size: int = param(..., "its D", source="convention", ge=1)


class ImportedPrepare(Section):
    """Features in a layout of the field: how they stand in their files, and when their snippets were."""

    fps: float = param(25.0, "frame rate that they were made at", unit="frames/s", source="code", gt=0)
    snippet_frames: int = param(16, "length of a snippet (window)", unit="frames", source="code", ge=1)
    stride: int | None = param(
        None,
        "from one snippet to the next; null: side by side",
        "ActionFormer's release has 4 with snippets of 16, at 30 frames a second.",
        unit="frames",
        source="code",
        ge=1,
    )
    offset: float = param(
        0.0, "from the start of a recording to its first snippet", unit="s", source="convention", ge=0
    )
    rates: str | None = param(
        None,
        "CSV with video and fps, or also snippet_frames, stride, offset; or JSON {video: fps}; null: all alike",
        "In the folder of the data set, or by its path. Recordings that it does not name have the values above.",
        source="convention",
    )
    rescaled: bool = param(
        False,
        "each recording was brought to a fixed number of snippets",
        "As ActivityNet's features with T = 100: seconds come from the durations of the annotations.",
        source="convention",
    )
    axes: Literal["TD", "DT", "TCD", "CTD"] = param(
        "TD", "axes of an array: T snippets, D dimensions, C crops", source="convention"
    )
    crop: int | None = param(None, "crop that is taken; null: the mean of all", source="convention", ge=0)
    parts: list[StreamPart] = param(
        [], "streams that stand side by side in each array, from the left", source="convention"
    )
    trim: int = param(
        0,
        "snippets that streams of a recording may differ by; the longer is cut",
        "Releases differ by one or two, as the last frames have no flow.",
        unit="snippets",
        source="convention",
        ge=0,
    )
    tolerance: Share = param(
        0.1,
        "share by which the features may miss a video's duration",
        "A larger miss means another frame rate or snippet, and wrong times: it is refused.",
        source="convention",
    )

    ground_truth: str = param(
        "gt.json",
        "file of the annotations, in the folder of the data set or by its path",
        "In ActivityNet's form, such as CoLA's gt.json and the official files, in BMN's, or THUMOS'14's own folder.",
        source="convention",
    )
    subsets: str | None = param(
        None,
        "table of subsets of BMN's form; null: video_info_new.csv beside the annotations",
        source="convention",
    )
    blocked: str | None = param(
        None,
        "list of videos that are left out, a name a line or in JSON; null: none",
        "Many of ActivityNet's have vanished: a list goes with every number.",
        source="convention",
    )
    missing: Literal["refuse", "leave_out"] = param(
        "refuse", "what becomes of listed videos without features", source="convention"
    )
    test_videos: Literal["213", "212", "211", "210"] | None = param(
        None,
        "which test videos of THUMOS'14; null: those that are listed",
        "212 without 1292, 211 without 270 and 1292, 210 (CoLA, the paper's code) without 270, 1292 and 1496.",
        source="convention",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.rescaled and (self.rates or self.stride or self.offset):
            raise ValueError("rescaled takes times from durations; leave out rates, stride and offset")
        if len({part.stream for part in self.parts}) < len(self.parts):
            raise ValueError("parts should name each stream once")
        if self.crop is not None and "C" not in self.axes:
            raise ValueError("crop is of arrays with crops; expected axes TCD or CTD")
        return self


class ImportedFeatures(Section):
    """Features in the layout of the field: what the sidecar says of their origin."""

    extractor: str = param("imported", "what made the features, for the record", source="convention")
    weights: str | None = param(None, "SHA-256 of its weights, for the record", source="convention")


class ImportedParams(KindParams):
    """A folder of features in the layout of the field."""

    has_source: ClassVar[bool] = True

    prepare: ImportedPrepare = param(ImportedPrepare(), "features that the user has")
    features: ImportedFeatures = param(ImportedFeatures(), "where they are from")
