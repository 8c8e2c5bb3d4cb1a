"""The section of typical segments: what each cluster or class looks like."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.extract.video.container import SUFFIXES
from hcutal.extract.video.numbered_pictures import is_of_pictures
from hcutal.progress import worked
from hcutal.report.curves import Curves, Floats
from hcutal.report.kit.media import fragment, playable_address
from hcutal.report.kit.page import PageSection
from hcutal.report.material import Material
from hcutal.report.signals import DrawnPart
from hcutal.report.thumbnails import Strip, film_strips

# Units of the small curve: as wide as a film strip for its height.
WIDE, HIGH = 400.0, 100.0
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
    """A segment: its film strip, else its curve, its signals and the reason why there is no picture, or no signal.

    address: of its part of the recording; None where no browser plays that.
    """

    recording: str
    path: Path | None
    start: float
    end: float
    score: float
    address: str | None
    strip: Strip | None
    curve: Curve | None
    reason: str | None
    signals: DrawnPart | None = None
    lacks: str = "picture"


@dataclass(frozen=True)
class ClassGroup:
    """A class: the clusters that it names, their recordings (best first), its typical segments among all."""

    label: str
    clusters: Sequence[int]
    recordings: Sequence[str]
    segments: int
    seconds: float
    cards: Sequence[Card]


def segments_section(material: Material) -> PageSection | None:
    """Typical segments of each class; None where the data set is no folder of recordings."""
    outputs = material.outputs
    if not outputs.recordings:
        return None
    groups = make_groups(material)
    cards = [card for group in groups for card in group.cards]
    playable = any(card.address for card in cards)
    values = {
        "groups": groups,
        "colours": material.colours,
        "annotated": outputs.truth is not None,
        "score": material.params.segment_score,
        "playable": playable,
        "pictures": any(card.strip for card in cards),
        "curves": any(card.curve for card in cards),
        "signals": material.signals,
        "figures": any(card.signals and card.signals.figures for card in cards),
        "named": NAMED,
    }
    title = "Clusters" if outputs.truth is None else "Typical segments"
    return PageSection("segments", title, values, plays=playable)


def make_groups(material: Material) -> list[ClassGroup]:
    """The classes, by cluster where nothing is annotated and else by name, also those without a segment."""
    outputs, segments, typical = material.outputs, material.segments, material.typical
    clusters = outputs.named_clusters
    labels = order(set(clusters) | set(segments["label"]), clusters if outputs.truth is None else {})
    cards = make_cards(material, typical)
    members = outputs.pseudo_labels.sort_values(
        ["confidence", "video"], ascending=[False, True], kind="stable"
    )
    groups = []
    for label in labels:
        own, numbers = segments[segments["label"] == label], clusters.get(label, [])
        recordings = members.loc[members["cluster"].isin(numbers), "video"].unique().tolist()
        seconds = float((own["end"] - own["start"]).sum())
        chosen = np.flatnonzero(typical["label"] == label)
        groups.append(ClassGroup(label, numbers, recordings, len(own), seconds, [cards[k] for k in chosen]))
    return groups


def order(labels: Iterable[str], clusters: Mapping[str, Sequence[int]]) -> list[str]:
    """Labels by their first cluster, those without one last; the others by name."""
    return sorted(labels, key=lambda label: (min(clusters.get(label, ()), default=np.inf), label))


def make_cards(material: Material, typical: pd.DataFrame) -> list[Card]:
    """A card for each row of `typical`; every film is opened once."""
    files = material.outputs.recordings
    strips, reasons = make_strips(files, typical, material.outputs.previews.files)
    cards = []
    for row, (name, start, end, label, score) in enumerate(typical.itertuples(index=False)):
        path = files.get(name)
        address = playable_address(path, material.folder, material.outputs.previews.files.get(name))
        part = None if address is None else address + fragment(start, end)
        curve = None if row in strips else small_curve(material.curves, name, label, start, end)
        signals = material.signals.parts.get((name, material.curves.around(name, start, end)))
        unread = material.signals.reasons.get(name)
        cards.append(
            Card(
                name,
                path,
                start,
                end,
                score,
                part,
                strips.get(row),
                curve,
                reasons.get(name, unread),
                signals,
                "signal" if unread else "picture",
            )
        )
    return cards


def make_strips(
    files: Mapping[str, Path], typical: pd.DataFrame, previews: Mapping[str, Path]
) -> tuple[dict[int, Strip], dict[str, str]]:
    """Film strips by row of `typical`, and why a film has none, by recording.

    They are of the preview where the recording is a folder of pictures, or is not there.
    """
    strips: dict[int, Strip] = {}
    reasons: dict[str, str] = {}
    rows = typical.reset_index(drop=True).groupby("video", sort=True).indices
    films = {name: film for name in map(str, rows) if (film := _film(files.get(name), previews.get(name)))}
    for name, path in worked(films.items(), "film strips", "recording", len(films)):
        own = rows[name]
        spans = typical.iloc[own][["start", "end"]].to_numpy().tolist()
        try:
            made = film_strips(path, [(start, end) for start, end in spans])
        except HcutalError as error:
            reasons[name] = str(error).removeprefix(f"{path}: ")
        else:
            strips |= dict(zip(map(int, own), made, strict=True))
    return strips, reasons


def _film(path: Path | None, preview: Path | None) -> Path | None:
    """What the pictures of a recording are taken from; None where it has none."""
    if path is not None and path.suffix.lower() in SUFFIXES:
        return preview if preview and (is_of_pictures(path) or not path.is_file()) else path
    return preview


def small_curve(curves: Curves, recording: str, label: str, start: float, end: float) -> Curve | None:
    """The CAS of a class about a segment, as high as the recording has it; None where there is none."""
    if recording not in curves.archive or label not in curves.classes:
        return None
    times, _, found = curves.of(recording)
    low, high = curves.around(recording, start, end)
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
