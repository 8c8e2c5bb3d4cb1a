"""The section of the diagnosis: what errors there are, what mending them gains, where instances are missed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hcutal.report.kit.colours import ACCENT, GREY, PALE, QUIET, RULE
from hcutal.report.kit.figure import picture, styled
from hcutal.report.kit.page import PageSection, Picture
from hcutal.report.material import Material

# What a kind is called, and its colour: green is right, warm colours are near misses, grey is far off.
KINDS = {
    "true": ("true positive", "#009e73"),
    "double": ("double detection", "#56b4e9"),
    "wrong_label": ("wrong label", "#cc79a7"),
    "localization": ("localization", "#e69f00"),
    "confusion": ("confusion", "#882255"),
    "background": ("background", GREY),
    "unnoticed": ("unnoticed instance", "#332288"),
}
CHARACTERISTICS = {
    "length": ("length", "s"),
    "coverage": ("share of the recording", "%"),
    "instances": ("instances in the recording", ""),
}
DASHES = (0, (4, 3))


def diagnosis_section(material: Material) -> PageSection | None:
    """The diagnosis of a run; None where nothing is annotated."""
    outputs = material.outputs
    return make_diagnosis(outputs.diagnosis, material.params.dpi) if outputs.truth else None


def make_diagnosis(diagnosis: Mapping[str, Any], dpi: int) -> PageSection:
    """Figures of a diagnosis as `Diagnosis.as_dict` gives it, or the `reason` why there is none."""
    if "reason" in diagnosis:
        return PageSection("diagnosis", "Diagnosis", {"reason": diagnosis["reason"]})
    # The order of the keys in a file is alphabetic.
    by = {name: diagnosis["by"][name] for name in CHARACTERISTICS if name in diagnosis["by"]}
    pictures = {
        "kinds": _kinds(diagnosis, dpi),
        "gains": _gains(diagnosis, dpi),
        "groups": _groups(diagnosis, by, dpi),
    }
    if diagnosis["calibration"]["bins"]:
        pictures["calibration"] = _calibration(diagnosis, dpi)
    values = {
        "reason": None,
        "found": diagnosis,
        "share": diagnosis["missed"] / diagnosis["instances"],
        "by": by,
        **{"calibration": None} | pictures,
    }
    return PageSection("diagnosis", "Diagnosis", values, list(pictures.values()))


def _kinds(diagnosis: Mapping[str, Any], dpi: int) -> Picture:
    first = diagnosis["groups"][0]
    total = max(sum(first.values()), 1)
    shares = ", ".join(f"{KINDS[kind][0]} {100 * first[kind] / total:.0f}" for kind in KINDS if kind in first)
    alt = f"Stacked bars of the kinds of predictions. Percent of the best G of each class: {shares}."
    return picture(draw_kinds(diagnosis["groups"], diagnosis["kinds"]), "errors_by_rank", alt, dpi)


def _gains(diagnosis: Mapping[str, Any], dpi: int) -> Picture:
    # Without a value where no instance is left: null in JSON, NaN in memory.
    gains = np.array([diagnosis["gains"].get(kind) for kind in KINDS], dtype=float)
    known = [
        (name, gain) for (name, _), gain in zip(KINDS.values(), gains.tolist(), strict=True) if gain >= 0
    ]
    spoken = ", ".join(f"{name} {100 * gain:.1f}" for name, gain in known)
    alt = f"Bar chart of the gain in mAP, in percentage points, when a kind is mended: {spoken}."
    return picture(draw_gains(diagnosis["gains"]), "gains", alt, dpi)


def _groups(diagnosis: Mapping[str, Any], by: Mapping[str, Any], dpi: int) -> Picture:
    share = diagnosis["missed"] / diagnosis["instances"]
    alt = (
        f"Bar charts of missed instances and of normalised mAP by {', '.join(by)}: "
        f"{100 * share:.1f} percent of all instances are missed; the table has the numbers."
    )
    figure = draw_groups(by, share, diagnosis["normalised_map"])
    return picture(figure, "missed_by_group", alt, dpi)


def _calibration(diagnosis: Mapping[str, Any], dpi: int) -> Picture:
    bins = diagnosis["calibration"]["bins"]
    alt = (
        f"Precision of {len(bins)} bins of scores: {100 * bins[0]['precision']:.0f} percent in the lowest, "
        f"{100 * bins[-1]['precision']:.0f} percent in the highest."
    )
    return picture(draw_calibration(diagnosis["calibration"]), "calibration", alt, dpi)


def draw_kinds(groups: Sequence[Mapping[str, int]], overall: Mapping[str, int]) -> Figure:
    """Shares of the kinds among the best G predictions of each class, the next G and so on, and of all.

    Groups after the last prediction are left out.
    """
    kinds = [kind for kind in KINDS if kind in overall]
    last = max((k for k, group in enumerate(groups, 1) if any(group.values())), default=0)
    groups = groups[:last]
    columns = [*groups, overall]
    counts = np.array([[column[kind] for kind in kinds] for column in columns], dtype=float)
    percents = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    places = np.append(np.arange(len(groups)), len(groups) + 0.6)
    with styled():
        figure = Figure(figsize=(6.4, 3.5), layout="constrained")
        axes = figure.subplots()
        bottom = np.zeros(len(columns))
        for kind, heights in zip(kinds, percents.T, strict=True):
            name, colour = KINDS[kind]
            axes.bar(places, heights, 0.86, bottom=bottom, color=colour, label=name)
            bottom += heights
        axes.set_xticks(places, [*(f"{k}G" for k in range(1, len(groups) + 1)), "all"])
        axes.set_ylim(0, 100)
        axes.set_ylabel("predictions (%)")
        axes.set_xlabel("predictions by falling score")
        axes.tick_params(axis="x", length=0)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), reverse=True)
    return figure


def draw_gains(gains: Mapping[str, float | None]) -> Figure:
    """By how many points mAP rises when each kind is mended, in the order of `KINDS`."""
    kinds = [kind for kind in KINDS if kind in gains]
    points = 100 * np.array([gains[kind] for kind in kinds], dtype=float)
    with styled():
        figure = Figure(figsize=(5.2, 3.5), layout="constrained")
        axes = figure.subplots()
        axes.barh(range(len(kinds)), points, 0.72, color=[KINDS[kind][1] for kind in kinds])
        for row, value in enumerate(points.tolist()):
            text = " not defined" if np.isnan(value) else f" {value:.1f}"
            axes.text(0 if np.isnan(value) else value, row, text, va="center", fontsize=8)
        axes.set_yticks(range(len(kinds)), [KINDS[kind][0] for kind in kinds])
        axes.set_ylim(len(kinds) - 0.5, -0.5)
        axes.set_xlim(0, max(1.0, 1.12 * float(np.nanmax(points, initial=0.0))))
        axes.set_xlabel("gain in mAP (percentage points)")
        axes.tick_params(axis="y", length=0)
    return figure


def draw_groups(
    by: Mapping[str, Sequence[Mapping[str, Any]]], missed: float, normalised_map: float
) -> Figure:
    """Missed instances above, normalised mAP below, a column a characteristic; dashed: of all instances."""
    rows = (
        ("missed_share", "missed (%)", missed, "#d55e00"),
        ("normalised_map", "mAP$_N$ (%)", normalised_map, ACCENT),
    )
    with styled():
        figure = Figure(figsize=(11, 4.6), layout="constrained")
        sizes = [len(bins) + 0.5 for bins in by.values()]
        grid = figure.subplots(2, len(by), sharey="row", sharex="col", squeeze=False, width_ratios=sizes)
        for row, (key, label, overall, colour) in zip(grid, rows, strict=True):
            for axes, bins in zip(row, by.values(), strict=True):
                _draw_bins(axes, bins, key, colour)
                axes.axhline(100 * overall, color=QUIET, linewidth=0.8, linestyle=DASHES, zorder=0.5)
            row[0].set_ylabel(label, parse_math=True)
        for axes, name, bins in zip(grid[-1], by, by.values(), strict=True):
            texts = [f"{one['name']}\n{span(one, name)}\nn = {one['instances']:,}" for one in bins]
            axes.set_xticks(range(len(bins)), texts)
            title, unit = CHARACTERISTICS[name]
            axes.set_xlabel(f"{title} ({unit})" if unit else title)
    return figure


def _draw_bins(axes: Axes, bins: Sequence[Mapping[str, Any]], key: str, colour: str) -> None:
    percents = 100 * np.array([one[key] for one in bins], dtype=float)
    axes.bar(range(len(bins)), percents, 0.72, color=colour)
    for place, value in enumerate(percents.tolist()):
        if not np.isnan(value):
            text = axes.text(place, value + 1.5, f"{value:.1f}", ha="center", va="bottom", fontsize=8)
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    axes.set_xlim(-0.6, len(bins) - 0.4)
    axes.set_ylim(0, 112)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.tick_params(axis="x", length=0)


def span(one: Mapping[str, Any], characteristic: str) -> str:
    """The values that a bin holds, as text: `≤ 3`, `3–6`, `> 18`; shares in percent, whole numbers for counts."""
    factor = 100 if characteristic == "coverage" else 1
    low, high = one["above"], one["up_to"]
    whole = characteristic == "instances"
    first = f"{low + 1:g}" if whole else f"{factor * low:.3g}"
    if high is None:
        return f"≥ {first}" if whole else f"> {first}"
    last = f"{factor * high:.3g}"
    if whole and low + 1 == high:
        return last
    return f"≤ {last}" if low == 0 and not whole else f"{first}–{last}"


def draw_calibration(calibration: Mapping[str, Any]) -> Figure:
    """Precision of bins of scores over their mean score, and how many predictions they hold.

    Dashed where scores are probabilities: precision equals the score.
    """
    bins = calibration["bins"]
    scores, precisions = (np.array([one[key] for one in bins]) for key in ("score", "precision"))
    with styled():
        figure = Figure(figsize=(5.2, 3.9), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        if calibration["probabilities"]:
            upper.plot([0, 1], [0, 100], color=QUIET, linewidth=0.8, linestyle=DASHES)
            upper.set_xlim(0, 1)
        upper.vlines(scores, 0, 100 * precisions, color=RULE, linewidth=1.0)
        upper.plot(scores, 100 * precisions, marker="o", markersize=5, color=ACCENT, linewidth=1.5)
        upper.set_ylim(bottom=0)
        upper.set_ylabel("precision (%)")
        lows, highs, numbers = (
            np.array([one[key] for one in bins]) for key in ("low", "high", "predictions")
        )
        lower.bar(lows, numbers, np.maximum(highs - lows, 1e-9), align="edge", color=PALE, edgecolor="white")
        lower.locator_params(axis="y", nbins=3, integer=True)
        lower.set_ylabel("number")
        lower.set_xlabel("score")
    return figure
