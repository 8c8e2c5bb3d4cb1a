"""The section of training: one panel a loss, and the weights of the losses, over the same steps."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hcutal.report.kit.colours import INK, QUIET, class_colours
from hcutal.report.kit.figure import picture, styled
from hcutal.report.kit.page import PageSection
from hcutal.report.material import Material

# Panels beside each other: the fewest that need at most two rows, within these.
FEWEST, MOST = 3, 4
# A moving average is drawn over curves of at least so many values; its window is this part of them.
SMOOTH_FROM, WINDOW = 60, 0.04


def training_section(material: Material) -> PageSection | None:
    """Losses and their weights over the steps; None without a curve."""
    table = material.outputs.training
    losses, weights = split_columns(table)
    if not losses:
        return None
    alt = f"Line charts over {len(table)} recorded steps: {', '.join(map(base_name, losses))}"
    if weights:
        alt += f"; and the weights of {', '.join(map(base_name, weights))}"
    curves = picture(draw_training(table), "training", alt + ".", material.params.dpi)
    values = {"curves": curves, "names": losses, "weighted": bool(weights)}
    return PageSection("training", "Training", values, [curves])


def split_columns(curves: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The columns that hold losses and those that hold weights, without the empty ones and the step."""
    names = [str(name) for name in curves.columns if name != "step" and curves[name].notna().any()]
    weights = [name for name in names if name.startswith("weight")]
    return [name for name in names if name not in weights], weights


def base_name(column: str) -> str:
    """What a column is about: `weight/vertical` and `loss_vertical` are both about `vertical`."""
    for prefix in ("weights", "weight", "losses", "loss"):
        if column.startswith(prefix) and column[len(prefix) :].strip("/_. "):
            return column[len(prefix) :].strip("/_. ")
    return column


def draw_training(curves: pd.DataFrame) -> Figure:
    """Small multiples on shared steps, a colour a loss; the weights stand together in the last panel."""
    losses, weights = split_columns(curves)
    colours = class_colours([base_name(name) for name in (*losses, *weights)])
    panels = len(losses) + bool(weights)
    columns = min(max(-(-panels // 2), FEWEST), MOST)
    rows = -(-panels // columns)
    with styled():
        figure = Figure(figsize=(11, 2.1 * rows + 0.3), layout="constrained")
        grid = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
        for axes, name in zip(grid, losses, strict=False):
            _draw_loss(axes, curves, name, colours[base_name(name)])
        if weights:
            _draw_weights(grid[len(losses)], curves, weights, colours)
        for index, axes in enumerate(grid):
            last = index + columns >= panels
            axes.set_visible(index < panels)
            axes.tick_params(axis="x", labelbottom=last)
            axes.set_xlabel("step" if last else "")
    return figure


def _draw_loss(axes: Axes, curves: pd.DataFrame, name: str, colour: str) -> None:
    known = curves[["step", name]].dropna()
    step, value = known["step"].to_numpy(float), known[name].to_numpy(float)
    axes.set_title(base_name(name).replace("_", " "), color=colour, weight="bold")
    axes.margins(x=0.01)
    if len(np.unique(value)) < SMOOTH_FROM:
        sparse = len(value) < SMOOTH_FROM
        axes.plot(step, value, color=colour, linewidth=1.4, marker="o" if sparse else "", markersize=2.5)
        axes.locator_params(axis="y", integer=bool(np.all(value == np.round(value))))
        return
    window = max(3, round(len(value) * WINDOW))
    smooth = known[name].rolling(window, center=True, min_periods=1).mean()
    axes.plot(step, value, color=colour, linewidth=0.6, alpha=0.3)
    axes.plot(step, smooth, color=colour, linewidth=1.6)
    # A spike of the first steps must not press the rest of the curve flat.
    low, high = np.nanquantile(value, [0.002, 0.998])
    axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low)) if high > low else None


def _draw_weights(
    axes: Axes, curves: pd.DataFrame, weights: Sequence[str], colours: Mapping[str, str]
) -> None:
    for name in weights:
        known = curves[["step", name]].dropna()
        label = base_name(name).replace("_", " ")
        axes.plot(known["step"], known[name], color=colours[base_name(name)], linewidth=1.4, label=label)
    axes.axhline(1, color=QUIET, linewidth=0.6, linestyle=(0, (4, 3)))
    axes.set_title("weights of the losses", color=INK, weight="bold")
    axes.margins(x=0.01, y=0.05)
    # Room for the legend above the curves.
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.3 * (high - low))
    axes.legend(ncols=3, loc="upper left", fontsize=7, columnspacing=0.8, handlelength=1)
