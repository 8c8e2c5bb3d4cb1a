"""The section of the diagnosis: what errors there are, what mending them gains, where instances are missed."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hcutal.report.figure_diagnosis import (
    CHARACTERISTICS,
    KINDS,
    draw_calibration,
    draw_gains,
    draw_groups,
    draw_kinds,
)
from hcutal.report.sections import Section
from hcutal.report.style import Picture, picture


def diagnosis_section(diagnosis: Mapping[str, Any], dpi: int) -> Section:
    """Figures of a diagnosis as `Diagnosis.as_dict` gives it, or the `reason` why there is none."""
    if "reason" in diagnosis:
        return Section("diagnosis", "Diagnosis", "diagnosis.html.j2", {"reason": diagnosis["reason"]})
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
    return Section("diagnosis", "Diagnosis", "diagnosis.html.j2", values, list(pictures.values()))


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
