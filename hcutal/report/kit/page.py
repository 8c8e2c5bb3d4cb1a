"""A page: sections below a header, as one HTML file that asks nothing of the network."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hcutal.files import atomic_path
from hcutal.report.kit.rendering import environment


@dataclass(frozen=True)
class Picture:
    """A figure as PNG, with what stands in its place for those who do not see it; its size in CSS pixels."""

    name: str
    alt: str
    png: bytes
    width: int
    height: int

    @property
    def uri(self) -> str:
        """The PNG as a data URI."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


@dataclass(frozen=True)
class PageSection:
    """A part of a page.

    Attributes:
        anchor: what a link to it says after the `#`, and its template: `sections/ANCHOR_section.html.j2`.
        title: its heading.
        values: what the template shows, there called `values`.
        pictures: the figures among the values.
        plays: whether it has links that play recordings.
    """

    anchor: str
    title: str
    values: Mapping[str, Any]
    pictures: Sequence[Picture] = ()
    plays: bool = False

    @property
    def template(self) -> str:
        """Where its template is in the report."""
        return f"sections/{self.anchor}_section.html.j2"


def render_page(template: str, sections: Sequence[PageSection], **values: Any) -> str:
    """A page as HTML; `values` are for the header of its template, which extends `kit/base.html.j2`."""
    return environment().get_template(template).render(sections=sections, **values)


def write_page(path: str | Path, html: str) -> None:
    """Write a page that stands alone; the same text gives the same bytes."""
    with atomic_path(path) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")
