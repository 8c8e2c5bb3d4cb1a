"""The section of the tables of suites: ours beside the published numbers, and the intervals of ours as a figure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hcutal.report.kit.colours import ACCENT, PALE
from hcutal.report.kit.figure import picture, styled
from hcutal.report.kit.page import PageSection

METRICS = {"average_mAP": "average mAP (%)", "mAP/0.5": "mAP at tIoU 0.5 (%)", "ARI": "ARI", "NMI": "NMI"}
PERCENT = ("average_mAP", "mAP/0.5")


@dataclass(frozen=True)
class IntervalRow:
    """A number of a variant: its mean over the seeds, the ends of its interval (NaN: unknown), and each seed's."""

    variant: str
    mean: float
    low: float
    high: float
    seeds: Sequence[float]


@dataclass(frozen=True)
class OrderCheck:
    """How many orders of two rows are as published.

    Attributes:
        metric: by which rows are ordered.
        pairs: rows that are told apart in the paper.
        same: pairs that have the same results here.
        reversed: the pairs whose order is reversed, in sentences.
        beyond: how many of these are reversed beyond noise.
    """

    metric: str
    pairs: int
    same: int
    reversed: Sequence[str]
    beyond: int

    @property
    def name(self) -> str:
        """The metric, in words."""
        return METRICS[self.metric].removesuffix(" (%)")

    @property
    def kept(self) -> int:
        """How many are as published."""
        return self.pairs - self.same - len(self.reversed)


@dataclass(frozen=True, eq=False)
class ShownTable:
    """A table of a suite.

    Attributes:
        suite: its name.
        title: what it shows, of which data.
        text: the cells as text; the first `words` columns are words, the others numbers.
        rules: what is to be said of rows of other checkpoint rules.
        orders: what of the paper's orders comes out.
        intervals: rows of a metric, by its name.
    """

    suite: str
    title: str
    text: pd.DataFrame
    words: int
    rules: Sequence[str]
    orders: Sequence[OrderCheck]
    intervals: dict[str, Sequence[IntervalRow]]


def make_suite_tables(tables: Sequence[ShownTable], level: float | None, dpi: int) -> PageSection | None:
    """Each table with its figure; None where there is none. level: of the intervals, None where there are none."""
    if not tables:
        return None
    shown, pictures = [], []
    for table in tables:
        metrics = {name: rows for name, rows in table.intervals.items() if rows}
        figure = None
        if metrics:
            best = "; ".join(f"{row.variant} {row.mean:.2f}" for row in next(iter(metrics.values())))
            alt = f"Means over the seeds and their intervals for {table.suite}: {best}."
            figure = picture(draw_intervals(metrics), f"{table.suite}_intervals", alt, dpi)
            pictures.append(figure)
        rows = table.text.to_numpy().tolist()
        shown.append({"table": table, "columns": list(table.text.columns), "rows": rows, "figure": figure})
    return PageSection("suite_tables", "Tables", {"shown": shown, "level": level}, pictures)


def draw_intervals(metrics: dict[str, Sequence[IntervalRow]]) -> Figure:
    """A panel a metric, a row a variant: dots for the seeds, a stroke for their mean, a band for its interval."""
    rows = max(map(len, metrics.values()))
    with styled():
        figure = Figure(figsize=(10.0, 0.9 + 0.32 * rows), layout="constrained")
        panels = figure.subplots(1, len(metrics), squeeze=False)[0]
        for number, (axes, (name, values)) in enumerate(zip(panels, metrics.items(), strict=True)):
            scale = 100 if name in PERCENT else 1
            places = np.arange(len(values))[::-1]
            for place, row in zip(places, values, strict=True):
                if not np.isnan(row.low):
                    width = scale * (row.high - row.low)
                    axes.barh(place, width, 0.55, left=scale * row.low, color=PALE, alpha=0.6)
                dots = scale * np.asarray(row.seeds, dtype=float)
                axes.plot(dots, np.full(len(dots), place), "o", markersize=4, color=ACCENT, alpha=0.8)
                axes.plot(scale * row.mean, place, "|", markersize=12, markeredgewidth=2, color=ACCENT)
            axes.set_yticks(places, [row.variant for row in values] if number == 0 else [""] * len(values))
            axes.tick_params(axis="y", length=0)
            axes.set_ylim(-0.6, len(values) - 0.4)
            axes.set_title(METRICS.get(name, name), fontsize=9)
    return figure
