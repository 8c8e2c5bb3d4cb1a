"""The section of results: mAP by tIoU with its interval and the level of chance, and AP by class."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hcutal.report.kit.colours import ACCENT, PALETTE, QUIET
from hcutal.report.kit.figure import picture, styled
from hcutal.report.kit.page import PageSection
from hcutal.report.kit.rendering import shorten
from hcutal.report.material import Material

# Names are written up to so many classes; the table has the rest.
NAMED = 60


def results_section(material: Material) -> PageSection | None:
    """The results of a run; None where nothing was evaluated."""
    outputs = material.outputs
    return make_results(
        outputs.metrics["evaluate"],
        outputs.per_class,
        material.colours,
        material.params.dpi,
        outputs.confidence_level,
    )


def make_results(
    metrics: Mapping[str, float],
    per_class: pd.DataFrame,
    colours: Mapping[str, str],
    dpi: int,
    level: float | None = None,
    own: str = "this run",
) -> PageSection | None:
    """mAP by tIoU with chance beside it, and AP by class; None where nothing was evaluated.

    metrics: `mAP/...`, `average_mAP` and, where they are known, `/low` and `/high` of each, the ends of the
    interval at confidence `level`; per_class: columns label, instances, `AP/...`, average_AP; own: what the row
    of `mAP/...` is called.
    """
    thresholds, rows = result_rows(metrics, own)
    if not thresholds or per_class.empty:
        return None
    pairs = zip(thresholds, rows[0]["values"], strict=True)
    spoken = ", ".join(f"{100 * value:.1f} at {tiou}" for tiou, value in pairs)
    lines = {row["name"]: row["values"] for row in rows}
    curve = picture(
        draw_thresholds(lines, thresholds),
        "map_by_tiou",
        f"Line chart of mAP in percent over tIoU: {spoken}.",
        dpi,
    )
    classes = _class_values(per_class, colours, dpi)
    values = {
        "thresholds": thresholds,
        "rows": rows,
        "interval": interval_row(metrics, thresholds),
        "level": level,
        "curve": curve,
        **classes,
    }
    return PageSection("results", "Results", values, [curve, classes["bars"]])


def result_rows(
    metrics: Mapping[str, float], own: str = "this run"
) -> tuple[list[str], list[dict[str, Any]]]:
    """The tIoU thresholds of the metrics, and a row each for `mAP/...`, `chance/mAP/...`, other prefixes."""
    pattern = re.compile(r"(?:(?P<prefix>.+)/)?mAP/(?P<tiou>[\d.]+)")
    found = [match for name in metrics if (match := pattern.fullmatch(name))]
    thresholds = sorted({match["tiou"] for match in found}, key=float)
    # The own row, without a prefix, sorts first.
    prefixes = sorted({match["prefix"] or "" for match in found})
    rows = []
    for prefix in prefixes:
        start = f"{prefix}/" if prefix else ""
        values = [metrics.get(f"{start}mAP/{tiou}", float("nan")) for tiou in thresholds]
        average = metrics.get(f"{start}average_mAP", float(np.mean(values)))
        rows.append({"name": prefix or own, "values": values, "average": average})
    return thresholds, rows


def interval_row(metrics: Mapping[str, float], thresholds: list[str]) -> dict[str, Any] | None:
    """Low and high end of the mAP at each threshold and of its average; None where none is known."""
    names = [*(f"mAP/{tiou}" for tiou in thresholds), "average_mAP"]
    *ends, average = [interval(metrics, name) for name in names]
    return {"values": ends, "average": average} if average else None


def interval(metrics: Mapping[str, float], name: str) -> tuple[float, float] | None:
    """The ends `NAME/low` and `NAME/high` of a metric's interval."""
    low, high = metrics.get(f"{name}/low"), metrics.get(f"{name}/high")
    return None if low is None or high is None else (low, high)


def _class_values(per_class: pd.DataFrame, colours: Mapping[str, str], dpi: int) -> dict[str, Any]:
    columns = [str(name) for name in per_class.columns if str(name).startswith("AP/")]
    table = per_class.set_index("label")
    averages = table["average_AP"] if "average_AP" in table else table[columns].mean(axis=1)
    order = averages.sort_values(ascending=False, kind="stable", na_position="last").index
    best, worst = order[0], order[-1]
    bars = picture(
        draw_classes(averages, colours),
        "ap_by_class",
        f"Bar chart of the average AP of {len(order)} classes: "
        f"from {100 * averages[best]:.1f} percent ({best}) to {100 * averages[worst]:.1f} percent ({worst}).",
        dpi,
    )
    rows = [
        {
            "label": label,
            "instances": int(table.loc[label, "instances"]) if "instances" in table else None,
            "values": table.loc[label, columns].tolist(),
            "average": averages[label],
        }
        for label in order
    ]
    return {
        "class_thresholds": [name.removeprefix("AP/") for name in columns],
        "class_rows": rows,
        "bars": bars,
    }


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
        # Room for the markers of a line that is almost flat.
        highest = 100 * float(np.nanmax(list(rows.values()), initial=0.0))
        axes.set_ylim(0, max(axes.get_ylim()[1], 1.04 * highest))
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
