"""Parameters of the report stage."""

from pydantic import Field

from hcutal.params.section import Section


class ReportParams(Section):
    """Parameters of the report stage."""

    timelines: int = Field(default=8, ge=0, description="test recordings drawn")
    timeline_classes: int = Field(default=5, ge=1, description="classes drawn in a timeline, true ones first")
    proposal_rows: int = Field(default=3, ge=1, description="rows for overlapping proposals of a class")
    tiou: float = Field(default=0.5, gt=0, le=1, description="overlap from which a proposal is right")
    annotate: int = Field(
        default=24,
        ge=0,
        description="clusters or classes up to which counts are written",
    )
    dpi: int = Field(default=150, ge=50, le=400, description="resolution of the figures, in dots an inch")
    segment_score: float = Field(default=0.3, description="score from which a proposal counts as a segment")
    typical: int = Field(default=6, ge=1, description="typical segments shown of each class")
    typical_per_video: int = Field(default=2, ge=1, description="of these in one recording")
    strips: int = Field(
        default=150, ge=1, description="film strips on the page; many classes get fewer each, at least one"
    )
    played: int = Field(default=100, ge=0, description="recordings with a timeline that plays")
