"""Figure 6: what is found in a recording under each level, the variants under one another.

Three test recordings are shown: of those with one class the one with the median score, of those with several classes
the same, and the one with the lowest score of all (`shown_recordings`); or those that are named.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from hcutal.localize.choice import Choice
from hcutal.localize.segments import select
from hcutal.report.curves import Curves
from hcutal.report.figures.cas_levels import tiou_of
from hcutal.report.figures.compared import ComparedRuns, DrawnFigure
from hcutal.report.figures.shown_recordings import (
    MEDIAN_RULE,
    SCORE,
    WORST_RULE,
    median_recording,
    recording_scores,
    recordings_with,
    worst_recording,
)
from hcutal.report.intervals import Intervals
from hcutal.report.kit.colours import GREY, INK, RULE, class_colours
from hcutal.report.kit.figure import quiet_axes, styled
from hcutal.report.kit.rendering import shorten
from hcutal.report.run_outputs import RunOutputs
from hcutal.report.timeline import matches

# Inches.
WIDTH, LEFT, RIGHT, LANE, HEAD, FOOT = 11.0, 1.45, 0.75, 0.17, 0.62, 0.42
TRUTH = "truth"
OTHERS = "other classes"


@dataclass(frozen=True)
class ShownRecording:
    """A recording with the reason why it is shown."""

    name: str
    why: str


def draw_level_timelines(compared: ComparedRuns) -> DrawnFigure:
    """A part a recording, a row a variant, a lane a class that the recording has, and one for all others."""
    shown, rule = chosen_recordings(compared)
    params = compared.judged.settings_of("report")
    choice, tiou = Choice(min_score=float(params.get("segment_score", 0.3))), float(params.get("tiou", 0.5))
    lanes = {each.name: _classes(compared, each.name) for each in shown}
    rows = len(compared.runs) + 1
    heights = [HEAD + FOOT + rows * (len(own) + 1.6) * LANE for own in lanes.values()]
    colours = class_colours(dict.fromkeys(label for own in lanes.values() for label in own))
    spoken = []
    with styled():
        figure = Figure(figsize=(WIDTH, sum(heights)))
        top = sum(heights)
        for each, height in zip(shown, heights, strict=True):
            box = (LEFT, top - height + FOOT, WIDTH - LEFT - RIGHT, height - HEAD - FOOT)
            axes = figure.add_axes(
                (box[0] / WIDTH, box[1] / sum(heights), box[2] / WIDTH, box[3] / sum(heights))
            )
            spoken += _draw_recording(axes, compared, each, lanes[each.name], colours, choice, tiou)
            top -= height
    return DrawnFigure(
        figure,
        f"Timelines of {', '.join(each.name for each in shown)}, a row a variant. Found: {'; '.join(spoken)}.",
        f"Above the annotated instances, below what each variant finds: segments, {choice} The more opaque, the higher "
        f"the score. A dark dot marks a segment that is right at tIoU {tiou:g}; on the right, how many instances are "
        "found. Grey: segments of classes that the recording does not have.",
        rule,
    )


def chosen_recordings(compared: ComparedRuns) -> tuple[list[ShownRecording], str]:
    """The recordings, and the rule in words."""
    asked = compared.checked_recordings()
    if asked:
        return [ShownRecording(name, "as asked for") for name in asked], f"{', '.join(asked)}, as asked for."
    instances = compared.instances
    scores = recording_scores(instances, compared.judged.proposals, tiou_of(compared))
    found: dict[str, str] = {}
    for why, classes in (("one class, median score", (1, 1)), ("several classes, median score", (2, None))):
        name = median_recording(scores, recordings_with(instances, classes=classes))
        if name:
            found[name] = why
    worst = worst_recording(scores, instances)
    found[worst] = f"{found[worst]}, and the lowest score" if worst in found else "lowest score"
    rule = (
        f"Of the test recordings with one class, and of those with several, {MEDIAN_RULE}; of all, {WORST_RULE}; "
        f"{SCORE} ({compared.judged.seed})."
    )
    return [ShownRecording(name, f"{why}: {100 * scores[name]:.1f} %") for name, why in found.items()], rule


def _classes(compared: ComparedRuns, name: str) -> list[str]:
    truth = compared.judged.truth_of(name)
    assert truth is not None
    return sorted(set(truth.labels.tolist()))


def _draw_recording(
    axes: Axes,
    compared: ComparedRuns,
    shown: ShownRecording,
    classes: list[str],
    colours: dict[str, str],
    choice: Choice,
    tiou: float,
) -> list[str]:
    """Draw the rows of a recording; returns how many instances each variant found, in words."""
    truth = compared.judged.truth_of(shown.name)
    assert truth is not None
    step = len(classes) + 1.6
    axes.set_title(f"{shown.name} ({shown.why})", fontsize=10, weight="bold", x=-0.12, pad=16)
    _legend(axes, classes, colours)
    _name(axes, len(classes) / 2, TRUTH)
    _draw_row(axes, truth, 0.0, classes, colours)
    words = []
    for number, (variant, outputs) in enumerate(compared.runs.items(), start=1):
        found = segments_of(outputs, shown.name, choice)
        right = matches(found, truth, tiou)
        top = number * step
        axes.axhline(top - 0.4, color=RULE, linewidth=0.7)
        _name(axes, top + (len(classes) + 1) / 2, variant)
        _draw_row(axes, found, top, classes, colours, right)
        told = f"{right.sum()} of {len(truth)}"
        axes.text(
            1.01,
            top + (len(classes) + 1) / 2,
            told,
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=8,
        )
        words.append(f"{variant} {told} in {shown.name}")
    _, end, _ = Curves.read(compared.judged).of(shown.name)
    axes.set_xlim(0, max(end, float(truth.bounds.max(initial=0.0))))
    axes.set_ylim(step * (len(compared.runs) + 1) - 0.4, -0.3)
    axes.set_yticks([])
    axes.set_xlabel("time (s)", labelpad=1)
    quiet_axes(axes)
    axes.tick_params(axis="x", length=3)
    return words


def segments_of(outputs: RunOutputs, name: str, choice: Choice) -> Intervals:
    """The segments of a recording that are chosen from its proposals."""
    own = outputs.proposals[outputs.proposals["video"] == name]
    return Intervals.from_table(select(own[["start", "end", "label", "score"]], choice))


def _draw_row(
    axes: Axes,
    segments: Intervals,
    top: float,
    classes: list[str],
    colours: dict[str, str],
    right: np.ndarray | None = None,
) -> None:
    """Bars of a row, a lane a class below one another; the last lane is for classes that the recording has not."""
    lane = np.array(
        [classes.index(label) if label in classes else len(classes) for label in segments.labels.tolist()]
    )
    starts, ends = segments.bounds.T
    faces = [
        to_rgba(colours[label] if label in classes else GREY, 0.3 + 0.7 * min(max(float(score), 0.0), 1.0))
        for label, score in zip(segments.labels.tolist(), segments.scores, strict=True)
    ]
    axes.barh(top + lane + 0.1, ends - starts, 0.8, left=starts, align="edge", color=faces, linewidth=0)
    if right is not None and right.any():
        axes.scatter(
            segments.bounds[right].mean(axis=1),
            top + lane[right] + 0.5,
            s=11,
            color=INK,
            edgecolors="white",
            linewidths=0.7,
            zorder=3,
        )


def _name(axes: Axes, middle: float, text: str) -> None:
    axes.text(-0.012, middle, text, transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=9)


def _legend(axes: Axes, classes: list[str], colours: dict[str, str]) -> None:
    handles = [axes.barh(0, 0, color=colours[label], label=shorten(label)) for label in classes]
    handles.append(axes.barh(0, 0, color=GREY, label=OTHERS))
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=min(len(handles), 6),
        borderaxespad=0.1,
    )
