"""The timeline of a recording as an SVG drawing whose segments can be clicked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.report.kit.bands import Band
from hcutal.report.kit.media import fragment
from hcutal.report.kit.rendering import clock, shorten

# Units of the drawing: width, room for names, height of a lane and of the axis.
WIDTH, LEFT, RIGHT, LANE, BAR, AXIS = 1000.0, 150.0, 12.0, 38.0, 9.0, 22.0
# Height of what was recorded, and what is between two such bands.
BAND, GAP = 18.0, 3.0
TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
MOST_TICKS = 12


@dataclass(frozen=True)
class Bar:
    """A segment in the drawing: where, how opaque, its part of the recording, and what is said of it."""

    x: float
    width: float
    opacity: float
    fragment: str
    title: str

    @property
    def part(self) -> str:
        """Start and end in seconds, `2.00,4.00`: what a mark of it says."""
        return self.fragment.removeprefix("#t=")


@dataclass(frozen=True)
class DrawnLane:
    """A class in the drawing: its top, name and colour, the outline of its CAS, its segments."""

    top: float
    name: str
    label: str
    colour: str
    outline: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class DrawnBand:
    """A band in the drawing: the foot of its name, the name shortened and whole, its colour, its path, put in place."""

    foot: float
    name: str
    label: str
    colour: str
    path: str
    transform: str


@dataclass(frozen=True)
class Drawing:
    """A timeline of `duration` seconds: lanes, and ticks as pairs of place and text, in the units of the drawing.

    Below the lanes are bands of what was recorded.
    """

    duration: float
    lanes: Sequence[DrawnLane]
    ticks: Sequence[tuple[float, str]]
    height: float
    bands: Sequence[DrawnBand] = ()
    width: ClassVar[float] = WIDTH
    left: ClassVar[float] = LEFT
    span: ClassVar[float] = WIDTH - LEFT - RIGHT
    bar: ClassVar[float] = BAR
    bar_top: ClassVar[float] = LANE - BAR - 1


def draw(
    segments: pd.DataFrame,
    duration: float,
    times: npt.NDArray[np.floating],
    curves: Mapping[str, npt.NDArray[np.floating]],
    colours: Mapping[str, str],
    bands: Sequence[Band] = (),
) -> Drawing:
    """The timeline of a recording: a lane for each class that has a segment, the best class first, then `bands`.

    segments: columns start, end (seconds), label, score; curves: [T'] by class, not negative, at `times` [T'] in
    seconds.
    """
    scale = Drawing.span / duration
    best = segments.groupby("label")["score"].max().sort_values(ascending=False, kind="stable")
    highest = max([float(curve.max()) for label, curve in curves.items() if label in best.index], default=0.0)
    strongest = float(segments["score"].max()) if len(segments) else 0.0
    lanes = []
    for number, label in enumerate(map(str, best.index)):
        bars = [
            Bar(
                round(LEFT + start * scale, 2),
                round(max((end - start) * scale, 1.0), 2),
                round(0.35 + 0.65 * max(score, 0.0) / strongest, 2) if strongest > 0 else 1.0,
                fragment(start, end),
                f"{label}, {clock(start)} to {clock(end)}, score {score:.2f}",
            )
            for start, end, score in segments.loc[
                segments["label"] == label, ["start", "end", "score"]
            ].to_numpy()
        ]
        outline = _outline(times, curves[label], scale, highest) if label in curves else ""
        lanes.append(DrawnLane(number * LANE, shorten(label, 20), label, colours[label], outline, bars))
    below = len(lanes) * LANE
    drawn = [
        _band(band, below + GAP + number * (BAND + GAP), min(band.seconds * scale, Drawing.span))
        for number, band in enumerate(bands)
    ]
    height = below + len(drawn) * (BAND + GAP) + AXIS
    return Drawing(duration, lanes, _ticks(duration, scale), height, drawn)


def _band(band: Band, top: float, width: float) -> DrawnBand:
    transform = band.into(LEFT, top, width, BAND)
    return DrawnBand(top + BAND - 4, shorten(band.name, 20), band.name, band.colour, band.path, transform)


def _outline(
    times: npt.NDArray[np.floating], curve: npt.NDArray[np.floating], scale: float, highest: float
) -> str:
    """The points of a polygon under the curve, relative to the top of its lane; its foot is above the bars."""
    foot = LANE - BAR - 3.0
    heights = foot - (foot - 3.0) * curve / highest if highest > 0 else np.full(len(curve), foot)
    x = LEFT + times * scale
    points = [(x[0], foot), *zip(x, heights, strict=True), (x[-1], foot)]
    return " ".join(f"{across:.1f},{down:.1f}" for across, down in points)


def _ticks(duration: float, scale: float) -> list[tuple[float, str]]:
    step = next((step for step in TICKS if duration / step <= MOST_TICKS), TICKS[-1])
    return [
        (round(LEFT + at * scale, 2), clock(at, tenths=False)) for at in range(0, int(duration) + 1, step)
    ]
