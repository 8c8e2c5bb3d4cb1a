"""The section of an experiment's numbers: mean, spread and interval over its seeds, and each of its runs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hcutal.evaluate.over_seeds import HIGH, LOW, MEAN, SD, headline, number
from hcutal.report.kit.colours import ACCENT, PALE
from hcutal.report.kit.figure import picture, styled
from hcutal.report.kit.page import PageSection


def make_seeds(table: pd.DataFrame, links: Mapping[str, str], level: float | None, dpi: int) -> PageSection:
    """The table of a summary, and a figure of its headline where there is one.

    table: as `hcutal.evaluate.over_seeds.summarise` makes it; links: the address of each run's page by its name, in
    the order of the columns of the seeds; level: of the intervals, None where there are none.
    """
    first = headline(table.index)
    rest = [str(name) for name in table.index if name not in first]
    figure = None
    if first:
        spoken = ", ".join(f"{name} {table[MEAN][name]:.2f}" for name in first)
        alt = f"Dots of each run and their mean: {spoken}."
        figure = picture(draw_seeds(table.loc[first]), "seeds", alt, dpi)
    values = {
        "links": links,
        "level": level,
        "rows": [summary_row(table, name) for name in first],
        "others": [summary_row(table, name) for name in rest],
        "figure": figure,
    }
    return PageSection("seeds", "Numbers over the seeds", values, [figure] if figure else [])


def summary_row(table: pd.DataFrame, metric: str) -> dict[str, Any]:
    """A metric with its name, mean, sd, low, high (None where they are unknown), and the values of the seeds."""
    numbers = {name: number(table, metric, name) for name in (MEAN, SD, LOW, HIGH)}
    return {"name": metric, **numbers, "seeds": [number(table, metric, name) for name in _seeds(table)]}


def _seeds(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.columns if name not in (MEAN, SD, LOW, HIGH)]


def draw_seeds(table: pd.DataFrame) -> Figure:
    """A row a metric: a dot for each run, a stroke for their mean, a pale band for its interval."""
    places = np.arange(len(table))[::-1]
    with styled():
        figure = Figure(figsize=(6.4, 0.8 + 0.3 * len(table)), layout="constrained")
        axes = figure.subplots()
        low, high = (table[name].to_numpy(dtype=float) for name in (LOW, HIGH))
        axes.barh(places, high - low, 0.5, left=low, color=PALE, alpha=0.6)
        for name in _seeds(table):
            axes.plot(table[name].to_numpy(dtype=float), places, "o", markersize=4, color=ACCENT, alpha=0.8)
        axes.plot(
            table[MEAN].to_numpy(dtype=float), places, "|", markersize=12, markeredgewidth=2, color=ACCENT
        )
        axes.set_yticks(places, [str(name) for name in table.index])
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(min(0.0, axes.get_xlim()[0]), 1.0)
    return figure
