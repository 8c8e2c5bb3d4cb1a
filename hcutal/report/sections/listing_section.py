"""The section that lists all recordings of a folder in a table, which a script filters and sorts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.report.kit.media import playable_address
from hcutal.report.kit.page import PageSection
from hcutal.report.material import Material
from hcutal.report.sections.recordings_section import trained_names

# So many rows are in sight at once; more are folded away.
OPEN = 40


@dataclass(frozen=True)
class ListedRecording:
    """A row: how long a recording is (s), the names of its clusters, its segments and the highest of their scores.

    anchor: of its timeline on the page; None where it has none. line: its segments, from which a script draws a small
    timeline: for each the number of its label, its start and its length in hundredths of a second, to the base 36.
    """

    name: str
    seconds: float
    clusters: Sequence[str]
    segments: int
    best: float | None
    anchor: str | None
    path: Path
    address: str | None
    line: str


def listing_section(material: Material) -> PageSection | None:
    """All recordings that have features; None where the data set is no folder of recordings."""
    outputs = material.outputs
    meta, clusters = outputs.features, trained_names(outputs)
    found = material.segments.groupby("video")["score"].agg(["size", "max"])
    shown = sorted(set(material.segments["label"]))
    lines = segment_lines(material.segments, shown)
    places = {name: f"recording-{number}" for number, name in enumerate(material.played, start=1)}
    rows = [
        ListedRecording(
            name,
            meta.times_of(name).end(meta.lengths[name]),
            clusters.get(name, []),
            int(found["size"].get(name, 0)),
            found["max"].get(name),
            places.get(name),
            outputs.recordings[name],
            playable_address(outputs.recordings[name], material.folder, outputs.previews.files.get(name)),
            lines.get(name, ""),
        )
        for name in sorted(outputs.recordings.keys() & meta.lengths.keys())
    ]
    if not rows:
        return None
    values = {
        "rows": rows,
        "opened": len(rows) <= OPEN,
        "labels": sorted({label for row in rows for label in row.clusters}),
        "classes": [(label, material.colours[label]) for label in shown],
    }
    return PageSection("listing", "All recordings", values, plays=any(row.address for row in rows))


def segment_lines(segments: pd.DataFrame, labels: Sequence[str]) -> dict[str, str]:
    """The segments (columns video, start, end in seconds, label) of each recording in one string.

    >>> rows = pd.DataFrame({"video": ["a", "a"], "start": [1.0, 3.6], "end": [1.36, 4.6], "label": ["x", "y"]})
    >>> segment_lines(rows, ["x", "y"])
    {'a': '0.2s.10 1.a0.2s'}
    """
    number = {label: np.base_repr(index, 36).lower() for index, label in enumerate(labels)}
    # As the page says them, so that a mark is of the same segment wherever it is made.
    start, end = (np.rint(100 * segments[side].round(2)).astype(int) for side in ("start", "end"))
    found: dict[str, list[str]] = {}
    for name, label, first, last in zip(segments["video"], segments["label"], start, end, strict=True):
        place = f"{np.base_repr(first, 36)}.{np.base_repr(last - first, 36)}".lower()
        found.setdefault(str(name), []).append(f"{number[label]}.{place}")
    return {name: " ".join(parts) for name, parts in found.items()}
