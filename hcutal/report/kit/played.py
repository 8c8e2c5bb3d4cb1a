"""A recording on a page: its timeline, on which a click on a segment plays it where a browser can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.report.kit.bands import Band
from hcutal.report.kit.drawing import Drawing, draw
from hcutal.report.kit.media import playable_address

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class PlayedRecording:
    """What was found in a recording of `duration` seconds, as `kit/played.html.j2` shows it.

    Attributes:
        path: its file; None where only its features are known.
        address: that of the file, or of its preview, from the page; None where no browser plays it.
        segments: columns start, end (seconds), label, score; by start.
        scores: of the proposals that the segments were chosen from.
        reason: why there are no signals, or no preview, in words.
    """

    name: str
    path: Path | None
    address: str | None
    duration: float
    segments: pd.DataFrame
    scores: Floats
    drawing: Drawing
    reason: str | None = None


def play(
    name: str,
    path: Path | None,
    page: Path,
    duration: float,
    segments: pd.DataFrame,
    scores: Floats,
    times: Floats,
    curves: Mapping[str, Floats],
    colours: Mapping[str, str],
    bands: Sequence[Band] = (),
    reason: str | None = None,
    preview: Path | None = None,
) -> PlayedRecording:
    """Draw a recording for a page in the folder `page`.

    curves: the CAS [T'] of the classes, not negative, at `times` [T'] in seconds; bands: what was recorded; preview:
    what is played in the place of the recording; the rest as in `PlayedRecording`.
    """
    drawing = draw(segments, duration, times, curves, colours, bands)
    address = playable_address(path, page, preview)
    return PlayedRecording(name, path, address, duration, segments, scores, drawing, reason)
