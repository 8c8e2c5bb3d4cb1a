"""The segments of all recordings of a run, also of those that were only trained on: `results/.../segments`."""

from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.export.segment_files import write_segment_files
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.files import atomic_path
from hcutal.localize.choice import Choice
from hcutal.params.report import ReportParams
from hcutal.report.kit.colours import class_colours
from hcutal.report.run_outputs import RunOutputs
from hcutal.report.typical import find_segments


def write_run_segments(folder: Path, outputs: RunOutputs, params: ReportParams) -> None:
    """Write the segments that the page speaks of, and those of the other recordings, in place of what stands there.

    Tables for any data set; the forms of annotation tools where the recordings themselves are known. The same outputs
    give the same bytes.
    """
    recordings = segmented(outputs, Choice(min_score=params.segment_score))
    formats = params.exports if outputs.recordings else []
    colours = class_colours(dict.fromkeys(row.label for row in outputs.mapping if row.kept))
    with atomic_path(folder) as temporary:
        temporary.mkdir()
        write_segment_files(temporary, recordings, formats, f"hcutal {outputs.run}", colours, place=folder)


def segmented(outputs: RunOutputs, choice: Choice) -> list[SegmentedRecording]:
    """The segments of each recording that was localized, by name."""
    tables = [outputs.proposals, outputs.training_proposals]
    names = sorted({name for table in tables for name in _localized(table)})
    found = dict(iter(pd.concat([find_segments(table, choice) for table in tables]).groupby("video")))
    none = pd.DataFrame({"start": [], "end": [], "label": np.empty(0, dtype=object), "score": []})
    return [
        SegmentedRecording(
            name,
            outputs.recordings.get(name),
            _duration(outputs, name),
            outputs.features.fps,
            found[name].drop(columns="video").reset_index(drop=True) if name in found else none,
            outputs.rates.get(name),
        )
        for name in names
    ]


def _localized(table: pd.DataFrame) -> list[str]:
    """The recordings of a table of proposals, also those without one."""
    videos = table["video"]
    return list(videos.cat.categories if isinstance(videos.dtype, pd.CategoricalDtype) else videos.unique())


def _duration(outputs: RunOutputs, name: str) -> float:
    """Seconds: those of the file, else the end of the last snippet."""
    seconds = outputs.durations.get(name, np.nan)
    meta = outputs.features
    return float(seconds) if np.isfinite(seconds) else meta.times_of(name).end(meta.lengths.get(name, 0))
