"""Parameters of the kind `features`: features that the user has."""

from typing import ClassVar

from pydantic import Field

from hcutal.params.kind import KindParams
from hcutal.params.section import Section, Share


class ImportedPrepare(Section):
    """Features in the layout of the field; `tolerance` is how far they may be from a duration, as a share."""

    fps: float = Field(25.0, gt=0)
    snippet_frames: int = Field(16, ge=1)
    tolerance: Share = 0.1


class ImportedFeatures(Section):
    """Features in the layout of the field: what the sidecar says of their origin."""

    extractor: str = "imported"
    weights: str | None = None


class ImportedParams(KindParams):
    """A folder of features in the layout of the field."""

    has_source: ClassVar[bool] = True

    prepare: ImportedPrepare = ImportedPrepare()
    features: ImportedFeatures = ImportedFeatures()
