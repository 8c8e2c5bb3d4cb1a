"""The folder with everything that was found in new recordings."""

from collections.abc import Collection
from pathlib import Path

from hcutal.apply.localize_recordings import Found, Outcome
from hcutal.apply.trained import TrainedRun
from hcutal.export.localized_previews import write_localized_previews
from hcutal.export.segment_files import write_segment_files
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.extract.previews import FilmPreviews
from hcutal.localize.choice import Choice
from hcutal.localize.files import write_proposals
from hcutal.localize.segments import select
from hcutal.report.kit.colours import class_colours
from hcutal.report.kit.played import play
from hcutal.report.pages.localized_page import write_localized_page
from hcutal.report.sections.recordings_section import reason_of
from hcutal.report.signals import DrawnSignals, draw_signals, signal_reader

PROPOSALS, PAGE = "proposals.json", "timeline.html"


def write_folder(
    folder: Path,
    run: TrainedRun,
    outcome: Outcome,
    choice: Choice,
    formats: Collection[str] = (),
    media_url: str = "",
    previews: bool = True,
) -> list[SegmentedRecording]:
    """Write all proposals, the segments chosen of them as tables and in `formats`, and the page of timelines.

    previews: whether films that browsers do not play get small copies. Returns the recordings with their segments.
    """
    recordings = [_segmented(found, run, choice) for found in outcome.found]
    classes = run.mapping.classes
    colours = class_colours(_by_seconds(recordings), classes)
    signals = _signals(outcome, run)
    small = write_localized_previews(folder, outcome.found, run) if previews else FilmPreviews()
    played = [
        play(
            found.name,
            found.media,
            folder,
            found.duration,
            recording.segments,
            found.proposals["score"].to_numpy(),
            found.times,
            dict(zip(classes, found.cas.T, strict=True)),
            colours,
            signals.bands_of(found.name),
            reason_of(signals.reasons, small, found.name),
            small.files.get(found.name),
        )
        for recording, found in zip(recordings, outcome.found, strict=True)
    ]
    write_proposals(folder / PROPOSALS, {found.name: found.proposals for found in outcome.found})
    write_segment_files(folder, recordings, formats, f"hcutal {run.name}", colours, media_url)
    write_localized_page(
        folder / PAGE, run.name, played, outcome.failed, colours, str(choice), signals, bool(small.files)
    )
    return recordings


def _signals(outcome: Outcome, run: TrainedRun) -> DrawnSignals:
    """What is drawn of recordings that are no films."""
    read = signal_reader(run.features.extractor, run.features.settings)
    if read is None:
        return DrawnSignals()
    files = {found.name: found.media for found in outcome.found if found.media}
    return draw_signals(read, files, dict.fromkeys(files, ()))


def _segmented(found: Found, run: TrainedRun, choice: Choice) -> SegmentedRecording:
    segments = select(found.proposals, choice)
    media = found.media and found.media.absolute()
    return SegmentedRecording(found.name, media, found.duration, run.features.fps, segments, found.rate)


def _by_seconds(recordings: Collection[SegmentedRecording]) -> list[str]:
    """The classes that were found, those with most time first: they get the colours that differ most."""
    total: dict[str, float] = {}
    for recording in recordings:
        for start, end, label, _ in recording.segments.itertuples(index=False):
            total[label] = total.get(label, 0.0) + end - start
    return sorted(total, key=lambda label: (-total[label], label))
