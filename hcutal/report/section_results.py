"""The section of results: mAP by tIoU with its interval and the level of chance, and AP by class."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from hcutal.report.figure_results import draw_classes, draw_thresholds
from hcutal.report.sections import Section
from hcutal.report.style import picture


def result_section(
    metrics: Mapping[str, float],
    per_class: pd.DataFrame,
    colours: Mapping[str, str],
    dpi: int,
    level: float | None = None,
    own: str = "this experiment",
) -> Section | None:
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
    return Section("results", "Results", "results.html.j2", values, [curve, classes["bars"]])


def result_rows(
    metrics: Mapping[str, float], own: str = "this experiment"
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
