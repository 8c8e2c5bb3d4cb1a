"""How figures look, and how they become bytes that depend on nothing but their content."""

import io
from contextlib import AbstractContextManager
from typing import Any

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hcutal.report.kit.colours import INK, QUIET
from hcutal.report.kit.page import Picture

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
    # Names in SVG that depend on nothing but the content.
    "svg.hashsalt": "hcutal",
    # A label may hold a dollar sign: it is no formula.
    "text.parse_math": False,
    "xtick.color": QUIET,
    "xtick.labelsize": 8,
    "ytick.color": QUIET,
    "ytick.labelsize": 8,
}


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


def quiet_axes(axes: Axes) -> None:
    """No frame and no ticks: the content speaks."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
