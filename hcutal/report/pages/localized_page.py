"""The page of new recordings: a timeline each, its segments, and the recording itself where a browser can play it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hcutal.report.kit.page import PageSection, render_page, write_page
from hcutal.report.kit.played import PlayedRecording
from hcutal.report.sections.recordings_section import make_recordings
from hcutal.report.sections.terms_section import make_terms
from hcutal.report.signals import DrawnSignals


def write_localized_page(
    path: Path,
    run: str,
    recordings: Sequence[PlayedRecording],
    failed: Mapping[str, str],
    colours: Mapping[str, str],
    choice: str,
    signals: DrawnSignals | None = None,
    previews: bool = False,
) -> None:
    """Write the page of what the run of this name found.

    choice: which segments are shown of all proposals; signals: what was recorded where that is no film; previews:
    whether some films play as previews. The page asks nothing of the network; the recordings stay where they are.
    """
    sections: list[PageSection] = [
        make_recordings(recordings, failed, colours, signals=signals, previews=previews),
        make_terms(["proposal", "snippet", "CAS"]),
    ]
    html = render_page(
        "pages/localized_page.html.j2",
        sections,
        run=run,
        recordings=len(recordings),
        failed=len(failed),
        seconds=sum(part.duration for part in recordings),
        segments=sum(len(part.segments) for part in recordings),
        proposals=sum(len(part.scores) for part in recordings),
        classes=len({label for part in recordings for label in part.segments["label"]}),
        choice=choice,
    )
    write_page(path, html)
