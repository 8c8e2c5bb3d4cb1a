"""The section of typical segments: what each cluster or class looks like."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from hcutal.errors import HcutalError
from hcutal.extract.video.container import SUFFIXES
from hcutal.layout import results_dir
from hcutal.params.report import ReportParams
from hcutal.report.curves import Curves, Floats
from hcutal.report.inputs import Inputs
from hcutal.report.media import address, fragment
from hcutal.report.sections import Section, supervision
from hcutal.report.thumbnails import Strip, film_strips
from hcutal.report.typical import typical_segments

# Units of the small curve: as wide as a film strip for its height.
WIDE, HIGH = 400.0, 100.0
# Of a segment's length, shown on both sides of it.
AROUND = 0.5
# Recordings of a cluster that are named.
NAMED = 60


@dataclass(frozen=True)
class Curve:
    """The class CAS about a segment: points of a polygon, and where the segment starts and how wide it is."""

    points: str
    start: float
    width: float


@dataclass(frozen=True)
class Card:
    """A segment: its film strip, else its curve and, of a video, the reason why there is no picture.

    address: of its part of the video; None where the recording is none.
    """

    video: str
    path: Path | None
    start: float
    end: float
    score: float
    address: str | None
    strip: Strip | None
    curve: Curve | None
    reason: str | None


@dataclass(frozen=True)
class Group:
    """A class: the clusters that it names, their recordings (best first), its typical segments among all."""

    label: str
    clusters: Sequence[int]
    recordings: Sequence[str]
    segments: int
    seconds: float
    cards: Sequence[Card]


def segment_section(
    inputs: Inputs,
    segments: pd.DataFrame,
    curves: Curves,
    colours: Mapping[str, str],
    params: ReportParams,
) -> Section | None:
    """Typical segments of each class; None where the data set is no folder of recordings.

    segments: as `find_segments` gives them.
    """
    if not inputs.recordings:
        return None
    groups = make_groups(inputs, segments, curves, params)
    cards = [card for group in groups for card in group.cards]
    values = {
        "groups": groups,
        "colours": colours,
        "annotated": inputs.truth is not None,
        "score": params.segment_score,
        "playable": any(card.address for card in cards),
        "pictures": any(card.strip for card in cards),
        "curves": any(card.curve for card in cards),
        "named": NAMED,
    }
    title = "Clusters" if inputs.truth is None else "Typical segments"
    return Section("segments", title, "segments.html.j2", values)


def make_groups(inputs: Inputs, segments: pd.DataFrame, curves: Curves, params: ReportParams) -> list[Group]:
    """The classes, by cluster where nothing is annotated and else by name, also those without a segment."""
    clusters = named_clusters(inputs)
    labels = order(set(clusters) | set(segments["label"]), clusters if inputs.truth is None else {})
    count = min(params.typical, max(1, params.strips // max(len(labels), 1)))
    typical = typical_segments(segments, count, params.typical_per_video)
    cards = make_cards(inputs, typical, curves)
    members = inputs.pseudo_labels.sort_values(
        ["confidence", "video"], ascending=[False, True], kind="stable"
    )
    groups = []
    for label in labels:
        own, numbers = segments[segments["label"] == label], clusters.get(label, [])
        videos = members.loc[members["cluster"].isin(numbers), "video"].tolist()
        seconds = float((own["end"] - own["start"]).sum())
        chosen = np.flatnonzero(typical["label"] == label)
        groups.append(Group(label, numbers, videos, len(own), seconds, [cards[k] for k in chosen]))
    return groups


def named_clusters(inputs: Inputs) -> dict[str, list[int]]:
    """The clusters behind each name; under weak supervision there are none."""
    if supervision(inputs) == "weak":
        return {row.label: [] for row in inputs.mapping if row.kept}
    found: dict[str, list[int]] = {}
    for row in inputs.mapping:
        if row.kept:
            found.setdefault(row.label, []).append(row.cluster)
    return found


def order(labels: Iterable[str], clusters: Mapping[str, Sequence[int]]) -> list[str]:
    """Labels by their first cluster, those without one last; the others by name."""
    return sorted(labels, key=lambda label: (min(clusters.get(label, ()), default=np.inf), label))


def make_cards(inputs: Inputs, typical: pd.DataFrame, curves: Curves) -> list[Card]:
    """A card for each row of `typical`; every video is opened once."""
    strips, reasons = make_strips(inputs.recordings, typical)
    page = results_dir(inputs.experiment, "report")
    cards = []
    for row, (video, start, end, label, score) in enumerate(typical.itertuples(index=False)):
        path = inputs.recordings.get(video)
        where = address(path, page) + fragment(start, end) if path and is_video(path) else None
        curve = None if row in strips else small_curve(curves, video, label, start, end)
        cards.append(Card(video, path, start, end, score, where, strips.get(row), curve, reasons.get(video)))
    return cards


def is_video(path: Path | None) -> bool:
    """Whether a file is a video by its name."""
    return path is not None and path.suffix.lower() in SUFFIXES


def make_strips(files: Mapping[str, Path], typical: pd.DataFrame) -> tuple[dict[int, Strip], dict[str, str]]:
    """Film strips by row of `typical`, and why there are none of a video, by video."""
    strips: dict[int, Strip] = {}
    reasons: dict[str, str] = {}
    rows = typical.reset_index(drop=True).groupby("video", sort=True).indices
    videos = {video: own for video, own in rows.items() if is_video(files.get(str(video)))}
    for video, own in tqdm(videos.items(), desc="film strips", unit="video", disable=None):
        spans = typical.iloc[own][["start", "end"]].to_numpy().tolist()
        try:
            made = film_strips(files[str(video)], [(start, end) for start, end in spans])
        except HcutalError as error:
            reasons[str(video)] = str(error).removeprefix(f"{files[str(video)]}: ")
        else:
            strips |= dict(zip(map(int, own), made, strict=True))
    return strips, reasons


def small_curve(curves: Curves, video: str, label: str, start: float, end: float) -> Curve | None:
    """The CAS of a class about a segment, as high as the recording has it; None where there is none."""
    if video not in curves.archive or label not in curves.classes:
        return None
    times, length, found = curves.of(video)
    margin = AROUND * (end - start)
    low, high = max(start - margin, 0.0), min(end + margin, max(length, end))
    across = np.linspace(low, high, 200)
    heights = np.interp(across, times, found[label])
    return Curve(_polygon(across, heights, float(found[label].max())), *_span(start, end, low, high))


def _polygon(across: Floats, heights: Floats, highest: float) -> str:
    x = WIDE * (across - across[0]) / (across[-1] - across[0])
    y = HIGH - 0.9 * HIGH * heights / highest if highest > 0 else np.full(len(heights), HIGH)
    points = [(0.0, HIGH), *zip(x, y, strict=True), (WIDE, HIGH)]
    return " ".join(f"{right:.0f},{down:.1f}" for right, down in points)


def _span(start: float, end: float, low: float, high: float) -> tuple[float, float]:
    scale = WIDE / (high - low)
    return round((start - low) * scale, 1), round((end - start) * scale, 1)
