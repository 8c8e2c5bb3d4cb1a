"""The page of new recordings: a timeline each, its segments, and the recording itself where the browser can play it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from hcutal.export.recording import Recording
from hcutal.files import atomic_path
from hcutal.report.rendering import environment
from hcutal.report.style import shorten

# What browsers play, if they know the codec inside; the page says so where they do not.
PLAYABLE = {".mp4", ".m4v", ".webm", ".ogv", ".mov"}
# Units of the drawing: width, room for names, height of a lane and of the axis.
WIDTH, LEFT, RIGHT, LANE, BAR, AXIS = 1000.0, 150.0, 12.0, 38.0, 9.0, 22.0
TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
MOST_TICKS = 12


@dataclass(frozen=True, eq=False)
class Shown:
    """A recording on the page: its segments, the scores of the proposals they were chosen from, and its CAS.

    curves: [T'] by class, not negative, at `times` [T'] in seconds.
    """

    recording: Recording
    scores: npt.NDArray[np.floating]
    times: npt.NDArray[np.floating]
    curves: Mapping[str, npt.NDArray[np.floating]]


@dataclass(frozen=True)
class Bar:
    """A segment in the drawing: where, how opaque, and what is said of it."""

    x: float
    width: float
    opacity: float
    start: float
    title: str


@dataclass(frozen=True)
class Lane:
    """A class in the drawing: its top, name and colour, the outline of its CAS, its segments."""

    top: float
    name: str
    label: str
    colour: str
    outline: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Drawing:
    """A timeline: lanes, and ticks as pairs of place and text; sizes in the units of the drawing."""

    lanes: Sequence[Lane]
    ticks: Sequence[tuple[float, str]]
    height: float


def write_recordings_page(
    path: Path,
    run: str,
    shown: Sequence[Shown],
    failed: Mapping[str, str],
    colours: Mapping[str, str],
    choice: str,
) -> None:
    """Write the page; `choice` says which segments are shown of all proposals.

    It asks nothing of the network; the recordings stay where they are, and are named relative to the page.
    """
    values = [
        {
            "shown": part,
            "recording": part.recording,
            "video": video_address(part.recording.media, path.parent),
            "drawing": draw(part, colours),
            "rows": part.recording.segments.itertuples(index=False),
        }
        for part in shown
    ]
    page = environment()
    page.filters |= {"clock": clock}
    segments = sum(len(part.recording.segments) for part in shown)
    html = page.get_template("recordings.html.j2").render(
        run=run,
        recordings=values,
        failed=failed,
        colours=colours,
        choice=choice,
        segments=segments,
        seconds=sum(part.recording.duration for part in shown),
        classes=len({label for part in shown for label in part.recording.segments["label"]}),
        width=WIDTH,
        left=LEFT,
        right=RIGHT,
        lane=LANE,
        bar=BAR,
    )
    with atomic_path(path) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")


def video_address(media: Path | None, folder: Path) -> str | None:
    """The address of a file from a page in `folder`; None where no browser plays its kind."""
    if media is None or media.suffix.lower() not in PLAYABLE:
        return None
    return quote(Path(os.path.relpath(media, folder)).as_posix())


def draw(shown: Shown, colours: Mapping[str, str]) -> Drawing:
    """The timeline of a recording: a lane for each class that has a segment, the best class first."""
    segments, duration = shown.recording.segments, shown.recording.duration
    scale = (WIDTH - LEFT - RIGHT) / duration
    best = segments.groupby("label")["score"].max().sort_values(ascending=False, kind="stable")
    highest = max(
        [float(curve.max()) for label, curve in shown.curves.items() if label in best.index], default=0.0
    )
    strongest = float(segments["score"].max()) if len(segments) else 0.0
    lanes = []
    for number, label in enumerate(map(str, best.index)):
        bars = [
            Bar(
                round(LEFT + start * scale, 2),
                round(max((end - start) * scale, 1.0), 2),
                round(0.35 + 0.65 * max(score, 0.0) / strongest, 2) if strongest > 0 else 1.0,
                start,
                f"{label}, {clock(start)} to {clock(end)}, score {score:.2f}",
            )
            for start, end, score in segments.loc[
                segments["label"] == label, ["start", "end", "score"]
            ].to_numpy()
        ]
        outline = _outline(shown.times, shown.curves[label], scale, highest) if label in shown.curves else ""
        lanes.append(Lane(number * LANE, shorten(label, 20), label, colours[label], outline, bars))
    return Drawing(lanes, _ticks(duration, scale), len(lanes) * LANE + AXIS)


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


def clock(seconds: float, tenths: bool = True) -> str:
    """Seconds as m:ss.t, or h:mm:ss.t from an hour on; without the tenth where `tenths` is False."""
    parts = round(seconds * 10) if tenths else round(seconds) * 10
    minutes, rest = divmod(parts, 600)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{start}:{rest // 10:02d}" + (f".{rest % 10}" if tenths else "")
