"""Parameters of the report stage."""

from typing import Literal

from hcutal.params.section import Section, param

Export = Literal["elan", "label-studio", "audacity", "boris"]


class ReportParams(Section):
    """Parameters of the report stage."""

    timelines: int = param(8, "recordings that are drawn", source="convention", ge=0)
    timeline_classes: int = param(
        5, "classes drawn in a timeline, true ones first", source="convention", ge=1
    )
    proposal_rows: int = param(
        3, "rows for overlapping proposals of a class in a timeline", source="convention", ge=1
    )
    tiou: float = param(
        0.5, "overlap from which a drawn proposal is right", unit="tIoU", source="convention", gt=0, le=1
    )
    annotate: int = param(
        24, "most clusters or classes up to which counts are written", source="convention", ge=0
    )
    dpi: int = param(
        150, "resolution of the figures", unit="dots an inch", source="convention", ge=50, le=400
    )
    segment_score: float = param(
        0.3,
        "score from which a proposal counts as a segment",
        "Higher values show fewer and surer segments; as `hcutal localize --min-score`.",
        source="trial",
    )
    typical: int = param(6, "typical segments shown of each class", source="convention", ge=1)
    typical_per_video: int = param(2, "most of these from one recording", source="convention", ge=1)
    strips: int = param(
        150,
        "film strips on the page",
        "Many classes get fewer each, at least one.",
        source="convention",
        ge=1,
    )
    previews: bool = param(
        False,
        "whether the page shows small copies of films that browsers do not play",
        source="convention",
        filled="is true where the data set has them; set datasets.<name>.prepare.previews",
    )
    exports: list[Export] = param(
        ["elan", "label-studio", "audacity", "boris"],
        "tools that the segments of a folder of recordings are written for",
        "A file a recording, of BORIS one project; [] for tables alone.",
        source="convention",
    )
    played: int = param(100, "recordings with a timeline that plays", source="convention", ge=0)
