"""The section of the number of clusters, where it was estimated: what it was chosen by, and how sure it is."""

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hcutal.report.kit.colours import ACCENT, INK, QUIET
from hcutal.report.kit.figure import picture, styled
from hcutal.report.kit.page import PageSection
from hcutal.report.material import Material

STABILITY, ESTIMATED = "stability/", "estimated_clusters"


def number_section(material: Material) -> PageSection | None:
    """The estimate, its range, and the stability of other numbers; None where the number was given."""
    found = material.outputs.metrics["train"]
    curve = stability_curve(found)
    names = ("", "/fewest", "/most", "/recordings")
    chosen, fewest, most, first = (found.get(f"{ESTIMATED}{name}") for name in names)
    if not curve or chosen is None or fewest is None or most is None:
        return None
    tried, span = f"{min(curve)} to {max(curve)}", f"{fewest:.0f} to {most:.0f}"
    alt = f"Stability of {tried} clusters; {chosen:.0f} were chosen, of {span}."
    figure = picture(draw_numbers(curve, chosen, fewest, most), "number", alt, material.params.dpi)
    values = {
        "figure": figure,
        "chosen": int(chosen),
        "fewest": int(fewest),
        "most": int(most),
        "first": None if first is None else int(first),
    }
    return PageSection("number", "Number of clusters", values, [figure])


def stability_curve(found: Mapping[str, float]) -> dict[int, float]:
    """The stability of each number of clusters that was tried, rising.

    >>> stability_curve({"stability/10": 0.5, "stability/2": 0.75, "clusters": 2.0})
    {2: 0.75, 10: 0.5}
    """
    curve = {int(name.removeprefix(STABILITY)): found[name] for name in found if name.startswith(STABILITY)}
    return dict(sorted(curve.items()))


def draw_numbers(curve: Mapping[int, float], chosen: float, fewest: float, most: float) -> Figure:
    """Stability over the number of clusters; the range of the estimate as a band, the number that was taken a line."""
    with styled():
        figure = Figure(figsize=(7, 2.4), layout="constrained")
        axes = figure.subplots()
        axes.axvspan(fewest - 0.4, most + 0.4, color=ACCENT, alpha=0.12, linewidth=0)
        axes.axvline(chosen, color=ACCENT, linewidth=1.6)
        axes.plot(list(curve), list(curve.values()), color=INK, linewidth=1.2, marker="o", markersize=3)
        axes.text(chosen, 1.03, f" {chosen:.0f}", color=ACCENT, weight="bold", ha="left", va="bottom")
        axes.set_ylim(min(0.0, *curve.values()), 1.02)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("clusters")
        axes.set_ylabel("stability", color=QUIET)
    return figure
