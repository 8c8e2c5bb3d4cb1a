"""The colours of pages and figures."""

from collections.abc import Iterable

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


def class_colours(first: Iterable[str], others: Iterable[str] = ()) -> dict[str, str]:
    """A colour for each class: when there are too few, `first` share them and the others turn grey."""
    colours = {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(dict.fromkeys(first))}
    rest = [name for name in dict.fromkeys(others) if name not in colours]
    left = [*PALETTE[len(colours) :], *[GREY] * len(rest)]
    return colours | dict(zip(rest, left, strict=False))
