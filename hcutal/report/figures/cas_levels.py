"""Figure 4: the CAS of one class in a recording, under each level, over the annotated instances.

The class is the one with most instances in the test recordings, or the one that is named. The recording is, of the test
recordings with that class, the one with the median score (`shown_recordings`), or those that are named.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hcutal.report.curves import Curves, Floats
from hcutal.report.figures.asked_for import those_with
from hcutal.report.figures.compared import ComparedRuns, DrawnFigure
from hcutal.report.figures.shown_recordings import (
    MEDIAN_RULE,
    SCORE,
    median_recording,
    most_frequent_class,
    recording_scores,
    recordings_with,
)
from hcutal.report.kit.colours import PALETTE
from hcutal.report.kit.figure import styled

WIDTH, PANEL, HEAD = 11.0, 1.15, 0.75
TRUTH = "#9ecae1"


def draw_cas_levels(compared: ComparedRuns) -> DrawnFigure:
    """A row a variant: the curve, its instances behind it, and how well it tells them from the rest."""
    label, why = _class(compared)
    names, rule = _recordings(compared, label)
    curves = {variant: Curves.read(outputs) for variant, outputs in compared.runs.items()}
    rows = len(names) * len(curves)
    spoken = []
    with styled():
        figure = Figure(figsize=(WIDTH, HEAD * len(names) + PANEL * rows), layout="constrained")
        parts = figure.subfigures(len(names), 1, squeeze=False)[:, 0]
        for part, name in zip(parts, names, strict=True):
            part.suptitle(f"{name}: {label}", x=0.01, ha="left", fontsize=10, weight="bold")
            bounds = compared.judged.truth_of(name)
            assert bounds is not None
            instances = bounds.of(label).bounds
            panels = part.subplots(len(curves), 1, sharex=True, squeeze=False)[:, 0]
            for number, (axes, (variant, of_variant)) in enumerate(zip(panels, curves.items(), strict=True)):
                times, end, known = of_variant.of(name)
                # No cluster of a run may be named after the class.
                curve = known.get(label, np.zeros(len(times)))
                told = separation(times, curve, instances)
                _draw(axes, times, curve, instances, variant, PALETTE[number], told)
                axes.set_xlim(0, max(end, float(instances.max(initial=0.0))))
                spoken.append(f"{variant} {told:.2f}")
            panels[-1].set_xlabel("time (s)")
    return DrawnFigure(
        figure,
        f"CAS of {label} in {', '.join(names)}, a row a variant. Separation: {', '.join(spoken)}.",
        "Curve: the class activation sequence (CAS) of the class, each row on its own scale. Blue: annotated "
        "instances. The number is the probability that a snippet in an instance has a higher CAS than one outside: "
        "1 is a perfect separation, 0.5 is chance.",
        f"Class {label}, {why}. {'Recording' if len(names) == 1 else 'Recordings'} {', '.join(names)}: {rule}",
    )


def _class(compared: ComparedRuns) -> tuple[str, str]:
    """The class, and why it is that one."""
    asked = compared.checked_label()
    if asked is not None:
        return asked, "as asked for"
    return most_frequent_class(compared.instances), "the one with most instances in the test recordings"


def _recordings(compared: ComparedRuns, label: str) -> tuple[list[str], str]:
    """The recordings, and the rule in words."""
    asked = compared.checked_recordings()
    if asked:
        return those_with(asked, label, compared.truth), "as asked for."
    having = recordings_with(compared.instances, label)
    scores = recording_scores(compared.instances, compared.judged.proposals, tiou_of(compared))
    found = median_recording(scores, having)
    assert found is not None
    return [found], f"of the test recordings with this class, {MEDIAN_RULE}; {SCORE}."


def tiou_of(compared: ComparedRuns) -> Sequence[float]:
    """The thresholds of the average mAP."""
    return [float(value) for value in compared.judged.settings_of("evaluate")["tiou"]]


def separation(times: Floats, curve: Floats, instances: Floats) -> float:
    """The probability that a snippet in an instance has a higher CAS than one outside (area under the ROC curve).

    Args:
        times: [T], the middles of the snippets in seconds.
        curve: [T].
        instances: [N, 2], start and end in seconds.

    Returns:
        Ties count half; NaN where all snippets are inside, or none is.

    >>> separation(np.array([0.0, 1.0, 2.0]), np.array([0.2, 0.9, 0.2]), np.array([[0.5, 2.5]]))
    0.75
    """
    inside = np.zeros(len(times), dtype=bool)
    for start, end in instances:
        inside |= (times >= start) & (times < end)
    action, rest = curve[inside], np.sort(curve[~inside])
    if not len(action) or not len(rest):
        return float("nan")
    below = np.searchsorted(rest, action, "left") + np.searchsorted(rest, action, "right")
    return float(below.sum() / (2 * len(action) * len(rest)))


def _draw(
    axes: Axes, times: Floats, curve: Floats, instances: Floats, variant: str, colour: str, told: float
) -> None:
    for start, end in instances:
        axes.axvspan(start, end, color=TRUTH, alpha=0.6, linewidth=0)
    axes.plot(times, curve, color=colour, linewidth=1.4)
    axes.set_ylim(bottom=0)
    axes.set_yticks([])
    axes.set_ylabel(variant, rotation=0, ha="right", va="center", fontsize=9)
    axes.text(1.008, 0.5, f"{told:.2f}", transform=axes.transAxes, va="center", fontsize=9)
