"""The section of recordings: a timeline each, on which a click on a segment plays it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from hcutal.extract.previews import FilmPreviews
from hcutal.report.curves import pooled
from hcutal.report.kit.page import PageSection
from hcutal.report.kit.played import Floats, PlayedRecording, play
from hcutal.report.material import Material
from hcutal.report.run_outputs import RunOutputs
from hcutal.report.signals import DrawnSignals

# Points of a curve: more than the drawing has room for would only make the page large.
POINTS = 250
# Recordings that are open at once where there are many.
OPEN = 12


def recordings_section(material: Material) -> PageSection | None:
    """Timelines of the recordings and those that failed; None where the data set is no folder of recordings."""
    outputs = material.outputs
    if not outputs.recordings:
        return None
    names = [name for name in material.curves.recordings if name in outputs.recordings]
    segments = dict(iter(material.segments.groupby("video")))
    scores = dict(iter(outputs.proposals.groupby("video", observed=True)["score"]))
    played = [
        _play(
            material,
            name,
            segments.get(name, material.segments.iloc[:0]),
            scores.get(name, pd.Series(dtype=float)).to_numpy(),
        )
        for name in material.played
    ]
    return make_recordings(
        played,
        outputs.features.failed,
        material.colours,
        clusters=trained_names(outputs),
        total=len(names),
        opened=OPEN,
        signals=material.signals,
        previews=bool(outputs.previews.files),
    )


def make_recordings(
    played: Sequence[PlayedRecording],
    failed: Mapping[str, str],
    colours: Mapping[str, str],
    clusters: Mapping[str, Sequence[str]] | None = None,
    total: int | None = None,
    opened: int | None = None,
    signals: DrawnSignals | None = None,
    previews: bool = False,
) -> PageSection:
    """Timelines of recordings, and the reason of each that failed.

    clusters: the names of the cluster that each recording was trained as; total: number of the recordings that the
    `played` ones were chosen from, None for these alone, of which the segments are then listed as well; opened: so
    many are shown at once, None for all; signals: those of the recordings;
    previews: whether some of them play as previews.
    """
    values = {
        "played": played,
        "failed": dict(sorted(failed.items())),
        "colours": colours,
        "clusters": clusters or {},
        "total": len(played) if total is None else total,
        "opened": len(played) if opened is None else opened,
        "listed": total is None,
        "signals": signals or DrawnSignals(),
        "previews": previews,
    }
    plays = any(part.address for part in played)
    return PageSection("recordings", "Recordings", values, plays=plays)


def _play(material: Material, name: str, segments: pd.DataFrame, scores: Floats) -> PlayedRecording:
    times, end, found = material.curves.of(name)
    shown = {label: pooled(times, found[label], POINTS) for label in set(segments["label"]) & found.keys()}
    return play(
        name,
        material.outputs.recordings[name],
        material.folder,
        max([end, *segments["end"]]),
        segments,
        scores,
        # All curves have the same times.
        next((at for at, _ in shown.values()), times),
        {label: curve for label, (_, curve) in shown.items()},
        material.colours,
        material.signals.bands_of(name),
        reason_of(material.signals.reasons, material.outputs.previews, name),
        material.outputs.previews.files.get(name),
    )


def reason_of(signals: Mapping[str, str], previews: FilmPreviews, recording: str) -> str | None:
    """Why a recording has no signals or no preview, in words; None where nothing is missing."""
    found = {"no signals": signals.get(recording), "no preview": previews.failed.get(recording)}
    return next((f"{what}: {why}" for what, why in found.items() if why), None)


def trained_names(outputs: RunOutputs) -> dict[str, list[str]]:
    """The names of the clusters that each recording, or its pieces, was trained as."""
    names: dict[int, list[str]] = {}
    for label, clusters in outputs.named_clusters.items():
        for cluster in clusters:
            names.setdefault(cluster, []).append(label)
    found: dict[str, dict[str, None]] = {}
    for recording, cluster in outputs.pseudo_labels[["video", "cluster"]].itertuples(index=False):
        found.setdefault(recording, {}).update(dict.fromkeys(names.get(cluster, [])))
    return {recording: list(own) for recording, own in found.items()}
