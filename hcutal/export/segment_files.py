"""Segments in all their forms in one folder: tables, and what annotation tools read."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from hcutal.export.formats import write_exports
from hcutal.export.segment_table import write_segment_json, write_segment_table
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.export.summary_tables import classes_of, write_summary, write_transitions

SEGMENTS, SEGMENTS_JSON = "segments.csv", "segments.json"
SUMMARY, TRANSITIONS = "summary.csv", "transitions.csv"


def write_segment_files(
    folder: Path,
    recordings: Sequence[SegmentedRecording],
    formats: Collection[str],
    version: str,
    colours: Mapping[str, str],
    media_url: str = "",
    place: Path | None = None,
) -> None:
    """Write the tables, and what `write_exports` does with the same arguments."""
    classes = classes_of(recordings)
    write_segment_table(folder / SEGMENTS, recordings)
    write_segment_json(folder / SEGMENTS_JSON, recordings)
    write_summary(folder / SUMMARY, recordings, classes)
    write_transitions(folder / TRANSITIONS, recordings, classes)
    write_exports(folder, recordings, formats, version, colours, media_url, place)
