"""All segments of all recordings as one CSV."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from hcutal.export.plain_text import cell_text
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.tables import write_frame

COLUMNS = ["video", "start", "end", "label", "score"]
DIGITS = {"start": 3, "end": 3, "score": 4}


def write_segment_table(path: Path, recordings: Iterable[SegmentedRecording]) -> None:
    """Write video, start, end (seconds), label, score: a row a segment, by recording and start.

    Times are rounded to milliseconds, scores to four digits; names that a spreadsheet would take for a formula are
    quoted.
    """
    tables = [recording.segments.assign(video=recording.name) for recording in recordings]
    table = pd.concat(tables)[COLUMNS].round(DIGITS)
    names = {name: table[name].map(cell_text) for name in ("video", "label")}
    write_frame(path, table.assign(**names))
