"""Average precision: over the tIoU thresholds, and of each class."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hcutal.report.style import ACCENT, PALETTE, QUIET, shorten, styled

# Names are written up to so many classes; the table has the rest.
NAMED = 60


def draw_thresholds(rows: Mapping[str, Sequence[float]], thresholds: Sequence[str]) -> Figure:
    """mAP in percent over tIoU, the first row strong, the others (chance) quiet and dashed."""
    with styled():
        figure = Figure(figsize=(5.2, 3.1), layout="constrained")
        axes = figure.subplots()
        places = [float(value) for value in thresholds]
        for index, (name, values) in enumerate(rows.items()):
            first = index == 0
            style = (
                {"color": ACCENT, "linewidth": 2.0} if first else {"color": QUIET, "linestyle": (0, (4, 3))}
            )
            percents = 100 * np.asarray(values, dtype=float)
            axes.plot(places, percents, marker="o", markersize=4, label=name, **style)
        axes.set_ylim(bottom=0)
        axes.set_xticks(places)
        axes.set_xlabel("tIoU")
        axes.set_ylabel("mAP (%)")
        axes.legend()
    return figure


def draw_classes(averages: pd.Series, colours: Mapping[str, str]) -> Figure:
    """Average AP in percent of each class (index), best first, with a line at the mean."""
    ordered = averages.sort_values(ascending=False, kind="stable", na_position="last")
    percents = 100 * ordered.to_numpy(dtype=float)
    many = len(ordered) > NAMED
    bars = [colours[name] for name in ordered.index] if len(ordered) <= len(PALETTE) else ACCENT
    with styled():
        figure = Figure(
            figsize=(11, 2.9) if many else (5.6, 0.8 + 0.22 * max(len(ordered), 4)), layout="constrained"
        )
        axes = figure.subplots()
        if many:
            axes.bar(range(len(ordered)), percents, width=1.0, color=ACCENT)
            axes.set_xticks([])
            axes.set_xlabel(f"{len(ordered)} classes, best first")
            axes.set_ylabel("average AP (%)")
            axes.margins(x=0)
        else:
            axes.barh(range(len(ordered)), percents, height=0.72, color=bars)
            axes.set_yticks(range(len(ordered)), [shorten(str(name)) for name in ordered.index])
            axes.set_ylim(len(ordered) - 0.5, -0.5)
            axes.set_xlabel("average AP (%)")
            axes.tick_params(axis="y", length=0)
        line = axes.axhline if many else axes.axvline
        line(float(np.nanmean(percents)), color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
    return figure
