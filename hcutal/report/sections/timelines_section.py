"""The section of timelines: class CAS, ground truth and proposals of a recording on one axis in seconds."""

import re
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from hcutal.report.intervals import Intervals
from hcutal.report.kit.colours import INK, PALE, QUIET, RULE
from hcutal.report.kit.figure import picture, quiet_axes, styled
from hcutal.report.kit.page import PageSection, Picture
from hcutal.report.kit.rendering import shorten
from hcutal.report.material import Material
from hcutal.report.timeline import Lane, Timeline

# Inches. The margins are fixed, so that the timelines of a page have their axes one below the other.
WIDTH, LEFT, RIGHT, TOP, BOTTOM, BETWEEN = 11.0, 2.3, 0.12, 0.1, 0.42, 0.1
CURVES, BAR, ROW, GAP = 1.3, 0.2, 0.13, 0.11
FAINTEST = 0.2
# Of how many snippets the curves get thinner.
LONG = 1500


def timelines_section(material: Material) -> PageSection | None:
    """One figure a recording; None where no recording was drawn."""
    timelines, colours, params = material.timelines, material.colours, material.params
    if not timelines:
        return None
    drawn = [(timeline, _picture(timeline, colours, params.dpi)) for timeline in timelines]
    values = {
        "drawn": drawn,
        "tiou": params.tiou,
        "rows": params.proposal_rows,
        "annotated": timelines[0].annotated,
    }
    return PageSection("timelines", "Timelines", values, [figure for _, figure in drawn])


def _picture(timeline: Timeline, colours: Mapping[str, str], dpi: int) -> Picture:
    true = ", ".join(timeline.true_classes) or "none"
    alt = (
        f"Timeline of {timeline.recording}, {timeline.duration:.0f} seconds. True classes: {true}. "
        f"{timeline.instances} instances, {timeline.found} found; "
        f"{timeline.drawn} of {timeline.proposals} proposals drawn."
    )
    name = "timeline_" + re.sub(r"[^\w.-]", "_", timeline.recording)
    return picture(draw_timeline(timeline, colours), name, alt, dpi)


def draw_timeline(timeline: Timeline, colours: Mapping[str, str]) -> Figure:
    """Curves above, a lane a class below: instances as full bars, proposals more opaque with higher score."""
    heights = [_height(lane) for lane in timeline.lanes]
    lower = max(sum(heights), GAP + ROW)
    height = TOP + CURVES + BETWEEN + lower + BOTTOM
    span = (WIDTH - LEFT - RIGHT) / WIDTH
    with styled():
        figure = Figure(figsize=(WIDTH, height))
        lanes = figure.add_axes((LEFT / WIDTH, BOTTOM / height, span, lower / height))
        above = (LEFT / WIDTH, (BOTTOM + lower + BETWEEN) / height, span, CURVES / height)
        curves = figure.add_axes(above, sharex=lanes)
        _draw_curves(curves, timeline, colours)
        _draw_lanes(lanes, timeline, heights, colours)
    return figure


def _height(lane: Lane) -> float:
    rows = int(lane.rows.max()) + 1 if len(lane.rows) else 1
    return GAP + (BAR if len(lane.truth) else 0) + rows * ROW


def _draw_curves(axes: Axes, timeline: Timeline, colours: Mapping[str, str]) -> None:
    drawn = {lane.label for lane in timeline.lanes}
    width = 1.5 if len(timeline.times) < LONG else 0.9
    for label, curve in reversed(timeline.curves.items()):
        true = label in timeline.true_classes
        axes.plot(
            timeline.times,
            curve,
            color=colours[label] if true or label in drawn else PALE,
            alpha=1.0 if true or not timeline.annotated else 0.5,
            linewidth=width if true else 0.6 * width,
        )
    axes.set_ylim(bottom=0)
    axes.set_ylabel("class CAS")
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(axis="x", labelbottom=False, length=0)
    axes.spines["bottom"].set_visible(False)


def _draw_lanes(axes: Axes, timeline: Timeline, heights: list[float], colours: Mapping[str, str]) -> None:
    edges = np.cumsum([0.0, *heights])
    scores = np.concatenate([lane.proposals.scores for lane in timeline.lanes] or [np.zeros(0)])
    for lane, top, height in zip(timeline.lanes, edges, heights, strict=False):
        axes.axhline(top, color=RULE, linewidth=0.7)
        _draw_lane(axes, lane, top, top + height, colours[lane.label], scores)
    axes.set_ylim(max(edges[-1], GAP + ROW), 0)
    axes.set_xlim(0, timeline.duration)
    axes.set_xlabel("time (s)", labelpad=1)
    axes.set_yticks([])
    quiet_axes(axes)
    axes.tick_params(axis="x", length=3)


def _draw_lane(axes: Axes, lane: Lane, top: float, bottom: float, colour: str, scores: np.ndarray) -> None:
    """One class between `top` and `bottom`, in inches; `scores` of the whole recording, for the opacity."""
    middle, place = (top + bottom) / 2, axes.get_yaxis_transform()
    # A swatch, since names written in the lighter colours would be hard to read.
    axes.plot(-0.062, middle, "s", color=colour, markersize=6.5, transform=place, clip_on=False)
    axes.text(
        -0.072,
        middle,
        shorten(lane.label, 22),
        fontsize=8,
        weight="bold",
        ha="right",
        va="center",
        transform=place,
    )
    y = top + GAP / 2
    if len(lane.truth):
        _write(axes, y + BAR / 2 - 0.01, "truth")
        _draw_bars(
            axes, lane.truth, np.full(len(lane.truth), y), BAR - 0.03, colour, np.ones(len(lane.truth))
        )
        y += BAR
    _write(axes, (y + bottom - GAP / 2) / 2, "found")
    low, high = (scores.min(), scores.max()) if len(scores) else (0.0, 0.0)
    relative = (lane.proposals.scores - low) / (high - low) if high > low else np.ones(len(lane.proposals))
    tops = y + lane.rows * ROW
    _draw_bars(axes, lane.proposals, tops, ROW - 0.025, colour, FAINTEST + (1 - FAINTEST) * relative)
    right = lane.correct
    centres, middles = lane.proposals.bounds[right].mean(axis=1), tops[right] + ROW / 2 - 0.0125
    axes.scatter(centres, middles, s=11, color=INK, edgecolors="white", linewidths=0.7, zorder=3)


def _draw_bars(
    axes: Axes, segments: Intervals, tops: np.ndarray, height: float, colour: str, opacity: np.ndarray
) -> None:
    starts, ends = segments.bounds.T
    faces = [to_rgba(colour, alpha) for alpha in opacity.tolist()]
    # The thin edge keeps an instance of a second visible in a recording of an hour.
    axes.barh(
        tops, ends - starts, height, left=starts, align="edge", color=faces, edgecolor=faces, linewidth=0.4
    )


def _write(axes: Axes, y: float, text: str) -> None:
    """A small note left of the axes, `y` inches below their top."""
    axes.text(
        -0.008,
        y,
        text,
        color=QUIET,
        fontsize=7,
        ha="right",
        va="center",
        transform=axes.get_yaxis_transform(),
    )
