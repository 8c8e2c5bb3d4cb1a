"""All segments of all recordings as one CSV, and in ActivityNet's form."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.export.plain_text import cell_text
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.localize.files import write_proposals
from hcutal.tables import write_frame

COLUMNS = ["video", "start", "end", "label", "score", "start_frame", "end_frame"]
DIGITS = {"start": 3, "end": 3, "score": 4}
# Frames, so that 2.8 * 25, just below 70, is 70.
HAIR = 1e-6


def write_segment_table(path: Path, recordings: Iterable[SegmentedRecording]) -> None:
    """Write video, start, end (seconds), label, score, start_frame, end_frame: a row a segment, by recording and start.

    Times are rounded to milliseconds, scores to four digits; names that a spreadsheet would take for a formula are
    quoted. Frames as `with_frames` has them.
    """
    given = list(recordings)
    counts = [len(each.segments) for each in given]
    rates = np.repeat([np.nan if each.rate is None else each.rate for each in given], counts)
    table = with_frames(pd.concat([each.segments for each in given], ignore_index=True), rates)
    table["video"] = np.repeat(np.array([each.name for each in given], dtype=object), counts)
    table = table[COLUMNS].round(DIGITS)
    names = {name: table[name].map(cell_text) for name in ("video", "label")}
    write_frame(path, table.assign(**names))


def with_frames(segments: pd.DataFrame, rates: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Segments with the first and the last of their frames, which are counted from 0; empty where the rate is NaN.

    rates: frames a second [n] of the recordings that the segments are of. Frame n is shown from n / rate s on, until
    the next one. The first is that which is shown at the start, the last that which is shown just before the end.

    >>> table = with_frames(pd.DataFrame({"start": [1.0], "end": [2.8]}), np.array([25.0]))
    >>> table[["start_frame", "end_frame"]].values.tolist()
    [[25, 69]]
    """
    first = np.floor(segments["start"].to_numpy(np.float64) * rates + HAIR)
    last = np.maximum(np.ceil(segments["end"].to_numpy(np.float64) * rates - HAIR) - 1, first)
    return segments.assign(
        start_frame=pd.Series(first, segments.index).astype("Int64"),
        end_frame=pd.Series(last, segments.index).astype("Int64"),
    )


def write_segment_json(path: Path, recordings: Iterable[SegmentedRecording]) -> None:
    """Write the segments in ActivityNet's form, as proposals are: a list a recording, which may be empty."""
    write_proposals(path, {recording.name: recording.segments for recording in recordings})
