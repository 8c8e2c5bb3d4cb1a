"""The page of a run, `report.html`, and its figures as PNG files."""

from collections.abc import Callable, Sequence
from pathlib import Path

from hcutal.files import atomic_path
from hcutal.layout import PAGE
from hcutal.params.report import ReportParams
from hcutal.report.kit.page import PageSection, render_page, write_page
from hcutal.report.material import Material, collect
from hcutal.report.pages.headline import headline
from hcutal.report.pages.labelling_data import labelling_data
from hcutal.report.run_outputs import RunOutputs
from hcutal.report.sections.clusters_section import clusters_section
from hcutal.report.sections.diagnosis_section import diagnosis_section
from hcutal.report.sections.listing_section import listing_section
from hcutal.report.sections.names_section import names_section
from hcutal.report.sections.number_section import number_section
from hcutal.report.sections.recordings_section import recordings_section
from hcutal.report.sections.results_section import results_section
from hcutal.report.sections.segments_section import segments_section
from hcutal.report.sections.setup_section import setup_section
from hcutal.report.sections.terms_section import terms_section
from hcutal.report.sections.timelines_section import timelines_section
from hcutal.report.sections.training_section import training_section

FIGURES = "figures"

# In the order of the page; a section is absent where there is nothing to show.
SECTIONS: Sequence[Callable[[Material], PageSection | None]] = (
    results_section,
    diagnosis_section,
    timelines_section,
    segments_section,
    names_section,
    recordings_section,
    listing_section,
    clusters_section,
    number_section,
    training_section,
    setup_section,
    terms_section,
)


def write_report(folder: str | Path, outputs: RunOutputs, params: ReportParams) -> None:
    """Write `report.html` and `figures/*.png` into `folder`, in place of what stands there.

    The same outputs give the same bytes.
    """
    material = collect(outputs, params)
    sections = make_sections(material)
    html = render(material, sections)
    with atomic_path(folder) as temporary:
        (temporary / FIGURES).mkdir(parents=True)
        write_page(temporary / PAGE, html)
        for picture in (picture for section in sections for picture in section.pictures):
            (temporary / FIGURES / f"{picture.name}.png").write_bytes(picture.png)


def make_sections(material: Material) -> list[PageSection]:
    """The sections that there is something to show for."""
    sections = [make(material) for make in SECTIONS]
    return [section for section in sections if section is not None]


def render(material: Material, sections: Sequence[PageSection]) -> str:
    """The whole page as HTML."""
    return render_page(
        "pages/run_page.html.j2", sections, **headline(material), labelling=labelling_data(material)
    )
