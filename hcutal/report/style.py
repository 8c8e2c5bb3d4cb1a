"""How figures look, and how they become bytes that depend on nothing but their content."""

import base64
import io
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours (without the yellow, too pale on white), then dark ones of Paul Tol's 'muted'
# scheme: both are made for colour-blind readers.
PALETTE = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#332288",
    "#882255",
    "#999933",
    "#44aa99",
    "#aa4499",
    "#117733",
)
INK = "#1b2733"
QUIET = "#66727e"
RULE = "#d5dbe1"
PALE = "#b4bdc6"
GREY = "#8b96a1"
ACCENT = "#0072b2"
HEAT = "Blues"

_STYLE: dict[str, Any] = {
    "axes.edgecolor": "#9aa5b0",
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "text.color": INK,
    "xtick.color": QUIET,
    "xtick.labelsize": 8,
    "ytick.color": QUIET,
    "ytick.labelsize": 8,
}


@dataclass(frozen=True)
class Picture:
    """A figure as PNG, with what stands in its place for those who do not see it."""

    name: str
    alt: str
    png: bytes
    width: int
    height: int

    @property
    def uri(self) -> str:
        """The PNG as a data URI."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


def styled() -> AbstractContextManager[None]:
    """The settings under which every figure is made, whatever the user's own are."""
    return style.context(_STYLE, after_reset=True)


def picture(figure: Figure, name: str, alt: str, dpi: int) -> Picture:
    """Render with Agg; the same figure gives the same bytes (no software version, no date).

    Width and height of the result are in CSS pixels (96 an inch).
    """
    buffer = io.BytesIO()
    with styled():
        figure.savefig(
            buffer, format="png", dpi=dpi, metadata={"Software": None}, pil_kwargs={"optimize": True}
        )
    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    return Picture(name, alt, buffer.getvalue(), width, height)


def class_colours(first: Iterable[str], others: Iterable[str] = ()) -> dict[str, str]:
    """A colour for each class: when there are too few, `first` share them and the others turn grey."""
    colours = {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(dict.fromkeys(first))}
    rest = [name for name in dict.fromkeys(others) if name not in colours]
    left = [*PALETTE[len(colours) :], *[GREY] * len(rest)]
    return colours | dict(zip(rest, left, strict=False))


def shorten(name: str, length: int = 26) -> str:
    """The name, cut with an ellipsis where it is longer than `length` characters."""
    return name if len(name) <= length else name[: length - 1] + "…"


def quiet_axes(axes: Axes) -> None:
    """No frame and no ticks: the content speaks."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
