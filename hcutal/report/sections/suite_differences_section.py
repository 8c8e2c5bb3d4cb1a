"""The section of differences: how far each variant is from `full`, with the interval of the difference."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from hcutal.evaluate.over_seeds import Difference
from hcutal.report.kit.colours import ACCENT, GREY, RULE
from hcutal.report.kit.figure import picture, styled
from hcutal.report.kit.page import PageSection
from hcutal.report.sections.suite_tables_section import METRICS, PERCENT

NOISE = "≈"
SAME = "the same results"
# By variant and metric.
Differences = Mapping[str, Mapping[str, Difference]]


def make_suite_differences(found: Differences, level: float | None, dpi: int) -> PageSection | None:
    """A table and a figure of the differences; None where there is none. level: of the intervals."""
    metrics = [name for name in METRICS if any(name in pairs for pairs in found.values())]
    if not metrics:
        return None
    rows = [
        [variant, *(difference_text(pairs.get(name), name) for name in metrics)]
        for variant, pairs in found.items()
    ]
    lead = metrics[0]
    drawn = {variant: pairs[lead] for variant, pairs in found.items() if lead in pairs}
    spoken = "; ".join(f"{variant} {difference_text(pair, lead)}" for variant, pair in drawn.items())
    figure = picture(
        draw_differences(drawn, lead), "differences", f"Differences from full, {lead}: {spoken}.", dpi
    )
    values = {
        "columns": [METRICS[name] for name in metrics],
        "rows": rows,
        "level": level,
        "figure": figure,
        "lead": METRICS[lead],
    }
    return PageSection("suite_differences", "Differences from full", values, [figure])


def difference_text(pair: Difference | None, metric: str) -> str:
    """A difference with its interval, marked where that holds 0, or that there is none in any recording and seed.

    Empty where the two cannot be compared.

    >>> difference_text(Difference(-0.031, -0.1, 0.05, [0, 1]), "ARI")
    '-0.031 [-0.100, +0.050] ≈'
    """
    if pair is None:
        return ""
    scale, digits = (100, 1) if metric in PERCENT else (1, 3)
    if pair.value == pair.low == pair.high == 0:
        return SAME
    # Adding 0 makes -0 a 0.
    value, low, high = (
        f"{round(scale * number, digits) + 0:+.{digits}f}" for number in (pair.value, pair.low, pair.high)
    )
    interval = "" if pair.is_noise is None else f" [{low}, {high}]"
    return f"{value}{interval}{f' {NOISE}' if pair.is_noise else ''}"


def draw_differences(found: Mapping[str, Difference], metric: str) -> Figure:
    """A row a variant: its difference and the interval; grey where that holds 0."""
    scale = 100 if metric in PERCENT else 1
    places = np.arange(len(found))[::-1]
    with styled():
        figure = Figure(figsize=(6.4, 0.9 + 0.3 * len(found)), layout="constrained")
        axes = figure.subplots()
        axes.axvline(0, color=RULE, linewidth=1.2)
        for place, pair in zip(places, found.values(), strict=True):
            colour = GREY if pair.is_noise else ACCENT
            if pair.is_noise is not None:
                axes.plot([scale * pair.low, scale * pair.high], [place, place], color=colour, linewidth=2)
            axes.plot(scale * pair.value, place, "o", color=colour, markersize=5)
        axes.set_yticks(places, list(found))
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(-0.6, len(found) - 0.4)
        axes.set_xlabel(f"{METRICS[metric]}, above or below full")
    return figure
