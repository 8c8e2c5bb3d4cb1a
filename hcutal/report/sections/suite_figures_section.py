"""The section of the figures of suites."""

from collections.abc import Sequence
from dataclasses import dataclass

from hcutal.report.kit.page import PageSection, Picture


@dataclass(frozen=True)
class ShownFigure:
    """A figure of a suite, or the reason why there is none.

    Attributes:
        title: what it shows.
        files: its names in other formats, beside the page.
    """

    suite: str
    title: str
    picture: Picture | None
    caption: str = ""
    choice: str = ""
    reason: str = ""
    files: Sequence[str] = ()


def make_suite_figures(figures: Sequence[ShownFigure]) -> PageSection | None:
    """The figures in order; None where none was asked for."""
    if not figures:
        return None
    pictures = [each.picture for each in figures if each.picture is not None]
    return PageSection("suite_figures", "Figures", {"figures": figures}, pictures)
