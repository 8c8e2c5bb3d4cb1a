"""The page of a call of suites, `report.html`: its tables, figures, differences, and where they are from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hcutal.report.kit.page import PageSection, render_page, write_page
from hcutal.report.sections.suite_differences_section import Differences, make_suite_differences
from hcutal.report.sections.suite_figures_section import ShownFigure, make_suite_figures
from hcutal.report.sections.suite_origin_section import ExperimentOrigin, make_suite_origin
from hcutal.report.sections.suite_tables_section import ShownTable, make_suite_tables
from hcutal.report.sections.suite_variants_section import ShownVariant, make_suite_variants
from hcutal.report.sections.terms_section import EVALUATION, make_terms

DPI = 150
TERMS = (*EVALUATION, "ARI, NMI", "pseudo-label", "snippet", "CAS", "DWA")


@dataclass(frozen=True, eq=False)
class SuitesReport:
    """What the page says.

    Attributes:
        suites: their names, in the order asked for.
        seeds: of the experiments, all that occur.
        level: of the intervals; None where there are none.
        differences: from `full`, by variant and metric.
        origins: of the experiments; about, data: as `make_suite_origin` takes them.
    """

    suites: Sequence[str]
    dataset: str
    preset: str
    seeds: Sequence[int]
    level: float | None
    tables: Sequence[ShownTable]
    figures: Sequence[ShownFigure]
    differences: Differences
    variants: Sequence[ShownVariant]
    origins: Sequence[ExperimentOrigin]
    about: Mapping[str, str]
    data: Mapping[str, float]


def write_suites_page(path: Path, report: SuitesReport) -> None:
    """Write the page, one file that asks nothing of the network; the same values give the same bytes."""
    sections: list[PageSection | None] = [
        make_suite_tables(report.tables, report.level, DPI),
        make_suite_figures(report.figures),
        make_suite_differences(report.differences, report.level, DPI),
        make_suite_variants(report.variants),
        make_suite_origin(report.origins, report.about, report.data),
        make_terms(TERMS),
    ]
    html = render_page(
        "pages/suites_page.html.j2",
        [section for section in sections if section is not None],
        report=report,
        named=", ".join(report.suites),
        trainings=sum(each.seeds for each in report.origins),
        orders=[check for table in report.tables for check in table.orders],
    )
    write_page(path, html)
