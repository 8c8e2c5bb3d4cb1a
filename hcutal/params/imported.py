"""Parameters of the kind `features`: features that the user has."""

from typing import ClassVar

from hcutal.params.kind import KindParams
from hcutal.params.section import Section, Share, param


class ImportedPrepare(Section):
    """Features in the layout of the field: when their snippets were."""

    fps: float = param(25.0, "frame rate that they were made at", unit="frames/s", source="code", gt=0)
    snippet_frames: int = param(16, "length of a snippet", unit="frames", source="code", ge=1)
    tolerance: Share = param(
        0.1,
        "share by which the features may miss a video's duration",
        "A larger miss means another frame rate or snippet, and wrong times: it is refused.",
        source="convention",
    )


class ImportedFeatures(Section):
    """Features in the layout of the field: what the sidecar says of their origin."""

    extractor: str = param("imported", "what made the features, for the record", source="convention")
    weights: str | None = param(None, "SHA-256 of its weights, for the record", source="convention")


class ImportedParams(KindParams):
    """A folder of features in the layout of the field."""

    has_source: ClassVar[bool] = True

    prepare: ImportedPrepare = param(ImportedPrepare(), "features that the user has")
    features: ImportedFeatures = param(ImportedFeatures(), "where they are from")
