"""What the sections of a run's page share: worked out once, before any of them is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcutal.layout import RunPaths
from hcutal.localize.choice import Choice
from hcutal.params.report import ReportParams
from hcutal.report.curves import Curves
from hcutal.report.kit.colours import class_colours
from hcutal.report.run_outputs import RunOutputs
from hcutal.report.signals import DrawnSignals, draw_signals, signal_reader
from hcutal.report.timeline import Timeline, choose_recordings, make_timeline
from hcutal.report.typical import find_segments, typical_segments


@dataclass(frozen=True, eq=False)
class Material:
    """What every section is given.

    Attributes:
        outputs: what the stages wrote.
        params: those of the report.
        curves: the class activation sequences.
        timelines: those that are drawn.
        segments: columns video, start, end (seconds), label, score; by recording and start.
        colours: of all classes.
        typical: those of the segments that are shown of each class.
        played: the recordings of a folder whose timelines play.
        signals: what sensors and poses recorded; nothing of films.
    """

    outputs: RunOutputs
    params: ReportParams
    curves: Curves
    timelines: Sequence[Timeline]
    segments: pd.DataFrame
    colours: Mapping[str, str]
    typical: pd.DataFrame
    played: Sequence[str]
    signals: DrawnSignals

    @property
    def folder(self) -> Path:
        """Where the page will be, relative to the project's folder."""
        return RunPaths.of(self.outputs.run).report


def collect(outputs: RunOutputs, params: ReportParams) -> Material:
    """Work out what the sections share; `HcutalError` when the CAS does not fit the rest."""
    curves = Curves.read(outputs)
    timelines = make_timelines(outputs, curves, params)
    segments = find_segments(outputs.proposals, Choice(min_score=params.segment_score))
    colours = make_colours(outputs, curves, timelines, segments)
    typical = choose_typical(outputs, segments, params)
    played = choose_recordings(
        [name for name in curves.recordings if name in outputs.recordings], params.played
    )
    signals = make_signals(outputs, curves, typical, played)
    return Material(outputs, params, curves, timelines, segments, colours, typical, played, signals)


def choose_typical(outputs: RunOutputs, segments: pd.DataFrame, params: ReportParams) -> pd.DataFrame:
    """The typical segments of each class, fewer where there are many classes."""
    labels = set(outputs.named_clusters) | set(segments["label"])
    count = min(params.typical, max(1, params.strips // max(len(labels), 1)))
    return typical_segments(segments, count, params.typical_per_video)


def make_signals(
    outputs: RunOutputs, curves: Curves, typical: pd.DataFrame, played: Sequence[str]
) -> DrawnSignals:
    """The signals of the recordings whose timelines play, and those around typical segments."""
    meta = outputs.features
    read = signal_reader(meta.extractor, meta.settings) if outputs.recordings else None
    if read is None:
        return DrawnSignals()
    spans: dict[str, list[tuple[float, float]]] = {name: [] for name in played}
    for name, start, end in typical[["video", "start", "end"]].itertuples(index=False):
        spans.setdefault(name, []).append(curves.around(name, start, end))
    return draw_signals(read, outputs.recordings, spans)


def make_timelines(outputs: RunOutputs, curves: Curves, params: ReportParams) -> list[Timeline]:
    """Timelines of recordings chosen without looking at labels or results.

    There are none where timelines that play show all that is known.
    """
    if outputs.recordings and outputs.truth is None:
        return []
    return [
        make_timeline(outputs, curves, name, params)
        for name in choose_recordings(curves.recordings, params.timelines)
    ]


def make_colours(
    outputs: RunOutputs, curves: Curves, timelines: Sequence[Timeline], segments: pd.DataFrame
) -> dict[str, str]:
    """A colour for each class: the annotated ones have the first claim, else those with most seconds."""
    seconds = (segments["end"] - segments["start"]).groupby(segments["label"]).sum()
    found = seconds.sort_values(ascending=False, kind="stable").index.tolist() if outputs.recordings else []
    drawn = [lane.label for timeline in timelines for lane in timeline.lanes]
    true = [label for timeline in timelines for label in timeline.true_classes]
    others = [*drawn, *found, *sorted(curves.classes), *(row.label for row in outputs.mapping)]
    return class_colours(true or found or drawn, [*others, *outputs.per_class["label"]])
