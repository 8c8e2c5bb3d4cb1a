"""The folder with everything that was found in new recordings."""

from collections.abc import Collection
from pathlib import Path

from hcutal.apply.localize_recordings import Found, Outcome
from hcutal.apply.trained import TrainedRun
from hcutal.export.formats import write_exports
from hcutal.export.page import Shown, write_recordings_page
from hcutal.export.recording import Recording
from hcutal.export.tables import write_csv
from hcutal.localize.choice import Choice
from hcutal.localize.files import write_proposals
from hcutal.localize.segments import select
from hcutal.report.style import class_colours

PROPOSALS, SEGMENTS, PAGE = "proposals.json", "segments.csv", "timeline.html"


def write_folder(
    folder: Path,
    run: TrainedRun,
    outcome: Outcome,
    choice: Choice,
    formats: Collection[str] = (),
    media_url: str = "",
) -> list[Recording]:
    """Write all proposals, the segments chosen of them as a table and in `formats`, and the page of timelines.

    Returns the recordings with their segments.
    """
    recordings = [_recording(found, run, choice) for found in outcome.found]
    classes = run.mapping.classes
    colours = class_colours(_by_seconds(recordings), classes)
    shown = [
        Shown(
            recording,
            found.proposals["score"].to_numpy(),
            found.times,
            dict(zip(classes, found.cas.T, strict=True)),
        )
        for recording, found in zip(recordings, outcome.found, strict=True)
    ]
    write_proposals(folder / PROPOSALS, {found.name: found.proposals for found in outcome.found})
    write_csv(folder / SEGMENTS, recordings)
    write_exports(folder, recordings, formats, f"hcutal {run.name}", colours, media_url)
    write_recordings_page(folder / PAGE, run.name, shown, outcome.failed, colours, str(choice))
    return recordings


def _recording(found: Found, run: TrainedRun, choice: Choice) -> Recording:
    segments = select(found.proposals, choice)
    return Recording(found.name, found.media, found.duration, run.features.fps, segments)


def _by_seconds(recordings: Collection[Recording]) -> list[str]:
    """The classes that were found, those with most time first: they get the colours that differ most."""
    total: dict[str, float] = {}
    for recording in recordings:
        for start, end, label, _ in recording.segments.itertuples(index=False):
            total[label] = total.get(label, 0.0) + end - start
    return sorted(total, key=lambda label: (-total[label], label))
