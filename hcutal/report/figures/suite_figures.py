"""The figures that compare variants, by the name of their suite, and how they become files."""

from collections.abc import Callable, Mapping

from matplotlib.figure import Figure

from hcutal.files import atomic_path, write_json
from hcutal.layout import FigureFiles
from hcutal.report.figures.cas_levels import draw_cas_levels
from hcutal.report.figures.cluster_maps import draw_cluster_maps
from hcutal.report.figures.compared import ComparedRuns, DrawnFigure
from hcutal.report.figures.level_timelines import draw_level_timelines
from hcutal.report.figures.snippet_maps import draw_snippet_maps
from hcutal.report.kit.figure import picture, styled

FIGURES: Mapping[str, Callable[[ComparedRuns], DrawnFigure]] = {
    "figure4": draw_cas_levels,
    "figure5": draw_cluster_maps,
    "figure6": draw_level_timelines,
    "figure7": draw_snippet_maps,
}
DPI = 150


def write_figure(files: FigureFiles, drawn: DrawnFigure, fingerprint: str) -> None:
    """Write a figure as PNG, SVG and PDF, the same bytes for the same figure, and what is said of it as JSON.

    The JSON is written last: it is there when all is. fingerprint: of what the figure was made from.
    """
    made = picture(drawn.figure, files.png.stem, drawn.alt, DPI)
    files.png.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(files.png) as temporary:
        temporary.write_bytes(made.png)
    _write_vector(files.svg, drawn.figure, "svg", {"Date": None, "Creator": None})
    _write_vector(files.pdf, drawn.figure, "pdf", {"CreationDate": None, "Creator": None, "Producer": None})
    write_json(
        files.about,
        {
            "fingerprint": fingerprint,
            "alt": drawn.alt,
            "caption": drawn.caption,
            "choice": drawn.choice,
            "width": made.width,
            "height": made.height,
        },
    )


def _write_vector(path: object, figure: Figure, kind: str, metadata: dict[str, None]) -> None:
    with styled(), atomic_path(str(path)) as temporary:
        figure.savefig(temporary, format=kind, metadata=metadata)
