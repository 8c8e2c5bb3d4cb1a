"""Parameters of the kind `recordings`: a folder of recordings that nobody cut into features yet."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from hcutal.params.extractors import I3DFeatures, VectorFeatures
from hcutal.params.kind import KindParams
from hcutal.params.section import Section, param

Workers = Annotated[int, Field(ge=1)] | Literal["auto"]


# Extractors that read no films.
NO_FILMS = frozenset({"vectors", "watch", "poses"})


class PreviewParams(Section):
    """Small copies of films that browsers do not play, for the page."""

    shorter: int = param(
        240, "shorter side, of a film that is larger", unit="pixels", source="convention", ge=64, le=1080
    )
    fps: float = param(15.0, "frames a second", unit="frames/s", source="convention", gt=0, le=60)
    kbit: int = param(
        200,
        "most bits of a second",
        "200 are 90 MB an hour at most; films of little movement take a fraction of it.",
        unit="kbit/s",
        source="convention",
        ge=20,
    )
    workers: Workers = param(
        "auto", "processes side by side, each with a film; auto: as many as cores", source="convention"
    )


class RecordingsPrepare(Section):
    """A folder of recordings, with annotations or without."""

    annotations: str | None = param(
        None,
        "a file of the folder labels/ in ActivityNet's form; null: none",
        "It names clusters and is evaluated against.",
        source="convention",
    )
    names: Literal["file", "path"] = param(
        "file",
        "a recording is called like its file, or like its path: day1__left for day1/left.mp4",
        "Either way no other file changes a name. Two of the same name are an error.",
        source="convention",
    )
    previews: PreviewParams | None = param(
        PreviewParams(),
        "small copies of films that browsers do not play, for the page; null: none",
        "Without sound. Films that browsers play are shown as they are.",
        source="convention",
    )
    dropped: str | None = param(
        None,
        "a table of the folder labels/ with recordings that are left out; null: none",
        "Column recording, as `hcutal label` writes it. What is left out is not trained on.",
        source="convention",
    )
    taught: str | None = param(
        None,
        "a table of the folder labels/ with labels for supervision weak alone; null: none",
        "Columns recording, label, as `hcutal teach` writes them. Recordings without a label are not trained on there.",
        source="convention",
    )
    annotations_sha256: str | None = param(
        None,
        "SHA-256 of that file, so that its edit is noticed",
        source="labels/",
        filled="is filled in from the file in labels/ that `annotations` names; leave it out",
    )
    dropped_sha256: str | None = param(
        None,
        "the same of the table of those left out",
        source="labels/",
        filled="is filled in from the file in labels/ that `dropped` names; leave it out",
    )
    taught_sha256: str | None = param(
        None,
        "the same of the table of labels",
        source="labels/",
        filled="is filled in from the file in labels/ that `taught` names; leave it out",
    )


class RecordingsFeatures(Section):
    """Features of a folder of recordings, by an extractor and its own parameters."""

    extractor: str = param(
        "i3d",
        "i3d, torchvision, transformers (video), vectors (sensors), poses, watch, or of another package",
        "The parameters of i3d and vectors are the sections of that name, those of all others are `options`.",
        source="convention",
    )
    workers: Workers = param(
        "auto",
        "processes side by side, each with a recording; auto: as many as cores and memory allow",
        "The features are the same; memory grows with it. On a cluster auto is one: a number says how many cores a job "
        "asks for.",
        source="convention",
    )
    threads: int = param(1, "threads of each worker", source="convention", ge=1)
    shards: int = param(
        1,
        "jobs that the recordings are dealt out to",
        "For the scheduler of a cluster; on one machine they run side by side.",
        source="convention",
        ge=1,
    )
    memory_mb: int = param(
        4000,
        "memory of each worker, for auto and the scheduler of a cluster",
        unit="MB",
        source="convention",
        ge=100,
    )
    minutes: int = param(
        720, "longest time of a shard, for the scheduler of a cluster", unit="min", source="convention", ge=1
    )
    max_failed: float = param(
        0.1,
        "share of the recordings that may fail",
        "More stop the run; those that failed are named on the page.",
        source="convention",
        ge=0,
        le=1,
    )
    i3d: I3DFeatures = param(I3DFeatures(), "of the extractor i3d", source="docs/extraction.md")
    vectors: VectorFeatures = param(VectorFeatures(), "of the extractor vectors", source="docs/extractors.md")
    options: dict[str, Any] = param(
        {}, "of an extractor that has no section here", source="docs/extractors.md"
    )

    @model_validator(mode="after")
    def _own_options(self) -> Self:
        if self.options and self._own_section is not None:
            raise ValueError(
                f"options are not of the extractor {self.extractor}; expected its parameters in "
                f"the section {self.extractor}"
            )
        return self

    @property
    def _own_section(self) -> Section | None:
        own = {"i3d": self.i3d, "vectors": self.vectors}
        return own.get(self.extractor)

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of the extractor itself."""
        own = self._own_section
        return dict(self.options) if own is None else own.model_dump(mode="json")


class RecordingsParams(KindParams):
    """A folder of videos or other recordings, and the extractor that reads them."""

    has_source: ClassVar[bool] = True
    extracts: ClassVar[bool] = True

    prepare: RecordingsPrepare = param(RecordingsPrepare(), "a folder of videos or other recordings")
    features: RecordingsFeatures = param(RecordingsFeatures(), "made by an extractor")
