"""The section that lists all recordings of a folder in a table, which a script filters and sorts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hcutal.report.kit.media import playable_address
from hcutal.report.kit.page import PageSection
from hcutal.report.material import Material
from hcutal.report.sections.recordings_section import trained_names

# So many rows are in sight at once; more are folded away.
OPEN = 40


@dataclass(frozen=True)
class ListedRecording:
    """A row: how long a recording is (s), the names of its clusters, its segments and the highest of their scores.

    anchor: of its timeline on the page; None where it has none.
    """

    name: str
    seconds: float
    clusters: Sequence[str]
    segments: int
    best: float | None
    anchor: str | None
    path: Path
    address: str | None


def listing_section(material: Material) -> PageSection | None:
    """All recordings that have features; None where the data set is no folder of recordings."""
    outputs = material.outputs
    meta, clusters = outputs.features, trained_names(outputs)
    found = material.segments.groupby("video")["score"].agg(["size", "max"])
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
        )
        for name in sorted(outputs.recordings.keys() & meta.lengths.keys())
    ]
    if not rows:
        return None
    values = {
        "rows": rows,
        "opened": len(rows) <= OPEN,
        "labels": sorted({label for row in rows for label in row.clusters}),
    }
    return PageSection("listing", "All recordings", values, plays=any(row.address for row in rows))
