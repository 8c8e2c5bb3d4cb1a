"""What a statistician starts from: how long each recording shows each class, and what follows what."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from hcutal.export.plain_text import cell_text
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.tables import write_table

SUMMARY = ("video", "duration", "label", "segments", "seconds", "share", "longest")
TRANSITIONS = ("from", "to", "count")


def write_summary(path: Path, recordings: Sequence[SegmentedRecording], classes: Sequence[str]) -> None:
    """Write a row for each recording and class, also for classes that it does not show.

    duration: of the recording; segments: how many; seconds: how long some segment of the class lasts, time under
    two of them counted once; share: that of the duration; longest: of its segments. Times in seconds.
    """
    rows = [
        dict(zip(SUMMARY, row, strict=True)) for each in recordings for row in _summary(each, list(classes))
    ]
    write_table(path, rows, SUMMARY)


def _summary(recording: SegmentedRecording, classes: Sequence[str]) -> list[tuple[object, ...]]:
    found = recording.spans
    rows: list[tuple[object, ...]] = []
    for label in classes:
        spans = found.get(label, [])
        seconds = sum(end - start for start, end in joined(spans))
        longest = max((end - start for start, end in spans), default=0.0)
        share = seconds / recording.duration if recording.duration > 0 else 0.0
        rows.append(
            (
                cell_text(recording.name),
                round(recording.duration, 3),
                cell_text(label),
                len(spans),
                round(seconds, 3),
                round(share, 4),
                round(longest, 3),
            )
        )
    return rows


def joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans from start to end in the order of time; those that overlap or touch as one.

    >>> joined([(4.0, 5.0), (0.0, 2.0), (1.0, 3.0)])
    [(0.0, 3.0), (4.0, 5.0)]
    """
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def write_transitions(path: Path, recordings: Sequence[SegmentedRecording], classes: Sequence[str]) -> None:
    """Write how often a segment of one class is the next one after a segment of another, or of the same.

    Next is by start (then end, then class), within a recording; what lies between them does not matter. A row for
    each pair of classes, also where that never happens.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for recording in recordings:
        found = ((*span, label) for label, spans in recording.spans.items() for span in spans)
        counts.update(pairwise(label for *_, label in sorted(found)))
    rows = [
        dict(zip(TRANSITIONS, (cell_text(one), cell_text(other), counts[one, other]), strict=True))
        for one in classes
        for other in classes
    ]
    write_table(path, rows, TRANSITIONS)


def classes_of(recordings: Sequence[SegmentedRecording]) -> list[str]:
    """The classes that have a segment, by name."""
    return sorted({label for recording in recordings for label in recording.spans})
