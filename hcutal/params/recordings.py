"""Parameters of the kind `recordings`: a folder of recordings that nobody cut into features yet."""

from typing import Any, ClassVar

from pydantic import Field

from hcutal.params.extractors import I3DFeatures, VectorFeatures
from hcutal.params.kind import KindParams
from hcutal.params.section import Section


class RecordingsPrepare(Section):
    """A folder of recordings; `annotations` is a file of the folder labels/, its hash is filled in."""

    annotations: str | None = None
    annotations_sha256: str | None = None


class RecordingsFeatures(Section):
    """Features of a folder of recordings; `options` are those of an extractor without a section here."""

    extractor: str = "i3d"
    workers: int = Field(1, ge=1)
    threads: int = Field(1, ge=1)
    shards: int = Field(1, ge=1)
    memory_mb: int = Field(4000, ge=100)
    minutes: int = Field(720, ge=1)
    max_failed: float = Field(0.1, ge=0, le=1)
    i3d: I3DFeatures = I3DFeatures()
    vectors: VectorFeatures = VectorFeatures()
    options: dict[str, Any] = Field({})

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of the extractor itself."""
        own = getattr(self, self.extractor) if self.extractor in type(self).model_fields else None
        return own.model_dump(mode="json") if isinstance(own, Section) else dict(self.options)


class RecordingsParams(KindParams):
    """A folder of videos or other recordings, and the extractor that reads them."""

    has_source: ClassVar[bool] = True
    extracts: ClassVar[bool] = True

    prepare: RecordingsPrepare = RecordingsPrepare()
    features: RecordingsFeatures = RecordingsFeatures()
