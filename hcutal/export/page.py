"""The page of new recordings: a timeline each, its segments, and the recording itself where the browser can play it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from hcutal.export.recording import Recording
from hcutal.files import atomic_path
from hcutal.report.drawing import draw
from hcutal.report.rendering import environment

# What browsers play, if they know the codec inside; the page says so where they do not.
PLAYABLE = {".mp4", ".m4v", ".webm", ".ogv", ".mov"}


@dataclass(frozen=True, eq=False)
class Shown:
    """A recording on the page: its segments, the scores of the proposals they were chosen from, and its CAS.

    curves: [T'] by class, not negative, at `times` [T'] in seconds.
    """

    recording: Recording
    scores: npt.NDArray[np.floating]
    times: npt.NDArray[np.floating]
    curves: Mapping[str, npt.NDArray[np.floating]]


def write_recordings_page(
    path: Path,
    run: str,
    shown: Sequence[Shown],
    failed: Mapping[str, str],
    colours: Mapping[str, str],
    choice: str,
) -> None:
    """Write the page; `choice` says which segments are shown of all proposals.

    It asks nothing of the network; the recordings stay where they are, and are named relative to the page.
    """
    values = [
        {
            "shown": part,
            "recording": part.recording,
            "video": video_address(part.recording.media, path.parent),
            "drawing": draw(
                part.recording.segments, part.recording.duration, part.times, part.curves, colours
            ),
            "rows": part.recording.segments.itertuples(index=False),
        }
        for part in shown
    ]
    segments = sum(len(part.recording.segments) for part in shown)
    html = (
        environment()
        .get_template("recordings.html.j2")
        .render(
            run=run,
            recordings=values,
            failed=failed,
            colours=colours,
            choice=choice,
            segments=segments,
            seconds=sum(part.recording.duration for part in shown),
            classes=len({label for part in shown for label in part.recording.segments["label"]}),
        )
    )
    with atomic_path(path) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")


def video_address(media: Path | None, folder: Path) -> str | None:
    """The address of a file from a page in `folder`; None where no browser plays its kind."""
    if media is None or media.suffix.lower() not in PLAYABLE:
        return None
    return quote(Path(os.path.relpath(media, folder)).as_posix())
