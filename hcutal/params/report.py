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
