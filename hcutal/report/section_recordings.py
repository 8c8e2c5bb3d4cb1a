"""The section of recordings: a timeline each, on which a click on a segment plays it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcutal.layout import results_dir
from hcutal.params.report import ReportParams
from hcutal.report.curves import Curves, pooled
from hcutal.report.drawing import Drawing, draw
from hcutal.report.inputs import Inputs
from hcutal.report.media import address, fragment
from hcutal.report.section_segments import is_video, named_clusters
from hcutal.report.sections import Section
from hcutal.report.timeline import choose_videos

# Points of a curve: more than the drawing has room for would only make the page large.
POINTS = 250
# Recordings that are open at once.
OPEN = 12


@dataclass(frozen=True)
class Played:
    """A recording: its file, the address of the file where it is a video, and what was found in it.

    names: those of the cluster that it was trained as; proposals: their number, of which the segments are some.
    """

    video: str
    path: Path
    address: str | None
    duration: float
    names: list[str]
    segments: int
    proposals: int
    drawing: Drawing


def recording_section(
    inputs: Inputs,
    segments: pd.DataFrame,
    curves: Curves,
    colours: Mapping[str, str],
    params: ReportParams,
) -> Section | None:
    """Timelines of the recordings and those that failed; None where the data set is no folder of recordings."""
    if not inputs.recordings:
        return None
    videos = [video for video in curves.videos if video in inputs.recordings]
    names = trained_names(inputs)
    counts = inputs.proposals["video"].value_counts()
    played = [
        play(
            inputs, video, segments[segments["video"] == video], curves, colours, names.get(video, []), counts
        )
        for video in choose_videos(videos, params.played)
    ]
    values = {
        "played": played,
        "recordings": len(videos),
        "open": OPEN,
        "colours": colours,
        "failed": dict(sorted(inputs.features.failed.items())),
        "score": params.segment_score,
        "fragment": fragment,
        "playable": any(part.address for part in played),
    }
    return Section("recordings", "Recordings", "played.html.j2", values)


def play(
    inputs: Inputs,
    video: str,
    segments: pd.DataFrame,
    curves: Curves,
    colours: Mapping[str, str],
    names: list[str],
    counts: "pd.Series[int]",
) -> Played:
    """What is shown of a recording with these segments."""
    times, end, found = curves.of(video)
    duration = max([end, *segments["end"]])
    shown = {label: pooled(times, found[label], POINTS) for label in set(segments["label"]) & found.keys()}
    # All curves have the same times.
    at = next((at for at, _ in shown.values()), times)
    drawing = draw(segments, duration, at, {label: curve for label, (_, curve) in shown.items()}, colours)
    path = inputs.recordings[video]
    where = address(path, results_dir(inputs.experiment, "report")) if is_video(path) else None
    proposals = int(counts.get(video, 0))
    return Played(video, path, where, duration, names, len(segments), proposals, drawing)


def trained_names(inputs: Inputs) -> dict[str, list[str]]:
    """The names of the cluster that each recording was trained as."""
    names: dict[int, list[str]] = {}
    for label, clusters in named_clusters(inputs).items():
        for cluster in clusters:
            names.setdefault(cluster, []).append(label)
    pairs = inputs.pseudo_labels[["video", "cluster"]].itertuples(index=False)
    return {video: names.get(cluster, []) for video, cluster in pairs}
