"""Labels as Audacity reads them: start, end (seconds) and text, apart by tabs; several other tools do as well."""

from pathlib import Path

from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.files import atomic_path


def write_audacity(path: Path, recording: SegmentedRecording) -> None:
    """Write a line a segment; the text is the label, with white space of any kind as single spaces."""
    lines = [
        f"{start:.6f}\t{end:.6f}\t{' '.join(label.split())}\n"
        for start, end, label, _ in recording.segments.itertuples(index=False)
    ]
    with atomic_path(path) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8", newline="\n")
