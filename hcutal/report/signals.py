"""What sensors and poses recorded, drawn small: a band a column, as the least and greatest value of spans of time.

Recordings are read by the extractor that made their features, each file once, for all that is drawn of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hcutal.errors import HcutalError
from hcutal.extract.extractor import RawSignals
from hcutal.extract.poses.pose_extractor import PoseExtractor
from hcutal.extract.smartwatch import WatchExtractor
from hcutal.extract.vectors import VectorExtractor
from hcutal.params.section import validate
from hcutal.progress import worked
from hcutal.report.kit.bands import Band, outline, scaled
from hcutal.report.skeleton import Figures, draw_figures

# By name, so that the page depends on the code of those that it can read with, and on no other extractor's.
KINDS: Mapping[str, Any] = {"vectors": VectorExtractor, "watch": WatchExtractor, "poses": PoseExtractor}
# Tol's bright colours: told apart by colour-blind readers, on white as on black, and none of a class.
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")
# Spans of time of a whole recording, and of a part of it.
WHOLE, PART = 160, 100
# Shares of the values that are below and above the band: a spike does not flatten the rest.
TAILS = (0.01, 0.99)

Span = tuple[float, float]
Read = Callable[[Path], RawSignals]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DrawnPart:
    """A part of a recording: its bands, and where it has poses, figures at some moments."""

    bands: Sequence[Band] = ()
    figures: Figures | None = None


@dataclass(frozen=True)
class DrawnSignals:
    """What is shown of recordings.

    Attributes:
        columns: name and colour of those that are shown, of `count`.
        whole: the bands of each recording.
        parts: what is drawn of parts of recordings, by recording and span (s).
        reasons: why there is nothing of others.
    """

    columns: Sequence[tuple[str, str]] = ()
    count: int = 0
    whole: Mapping[str, DrawnPart] = field(default_factory=dict)
    parts: Mapping[tuple[str, Span], DrawnPart] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def bands_of(self, recording: str) -> Sequence[Band]:
        """Those of a whole recording; none where there are none."""
        return self.whole[recording].bands if recording in self.whole else ()


@dataclass(frozen=True, eq=False)
class _Looked:
    """What is kept of a recording.

    Attributes:
        seconds: how long it is.
        tails: [2, D], low and high quantiles of its values.
        envelopes: least and greatest values [2, B, D], of spans and (None) of all.
        figures: of spans.
    """

    names: Sequence[str]
    seconds: float
    tails: Floats
    envelopes: Mapping[Span | None, Floats]
    figures: Mapping[Span, Figures | None]


def signal_reader(extractor: str, settings: Mapping[str, Any]) -> Read | None:
    """What reads recordings as their features were made: by an extractor and the settings that the sidecar names.

    None where nothing is known to.
    """
    kind, params = KINDS.get(extractor), settings.get("params")
    if kind is None or not isinstance(params, Mapping):
        return None
    try:
        made: Read = kind(validate(kind.Params, dict(params), f"extractor {extractor}")).signals
    except HcutalError:
        # Of another version: the page has no signals, and all else.
        return None
    return made


def draw_signals(read: Read, files: Mapping[str, Path], spans: Mapping[str, Sequence[Span]]) -> DrawnSignals:
    """Draw recordings, and parts of them: `spans` (s) by name. One that cannot be read has a reason."""
    looked: dict[str, _Looked] = {}
    reasons: dict[str, str] = {}
    wanted = {name: spans[name] for name in sorted(spans) if name in files}
    for name, own in worked(wanted.items(), "signals", "recording", len(wanted)):
        path = files[name]
        try:
            looked[name] = _look(read(path), own)
        except HcutalError as error:
            reasons[name] = str(error).removeprefix(f"{path}: ")
        except OSError as error:
            reasons[name] = str(error.strerror)
    return _drawn(looked, reasons)


def _look(raw: RawSignals, spans: Sequence[Span]) -> _Looked:
    values = np.asarray(raw.values, dtype=np.float64)
    seconds = len(values) / raw.rate
    envelopes: dict[Span | None, Floats] = {None: envelope(values, WHOLE)}
    figures: dict[Span, Figures | None] = {}
    for start, end in spans:
        first = min(max(int(start * raw.rate), 0), len(values) - 1)
        last = min(max(int(np.ceil(end * raw.rate)), first + 1), len(values))
        envelopes[start, end] = envelope(values[first:last], PART)
        figures[start, end] = draw_figures(raw.names, values, raw.rate, (start, min(end, seconds)))
    return _Looked(raw.names, seconds, np.quantile(values, TAILS, axis=0), envelopes, figures)


def envelope(values: Floats, most: int) -> Floats:
    """The least and the greatest [2, B, D] of values [n, D] in B spans of about equal length, `most` or n."""
    first = np.linspace(0, len(values), min(most, len(values)) + 1).astype(np.intp)[:-1]
    return np.stack([np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)])


def _drawn(looked: Mapping[str, _Looked], reasons: Mapping[str, str]) -> DrawnSignals:
    """Bands of those columns that vary most, in all recordings the same and on one scale each."""
    if not looked:
        return DrawnSignals(reasons=reasons)
    names = next(iter(looked.values())).names
    like = {name: each for name, each in looked.items() if tuple(each.names) == tuple(names)}
    tails = np.stack([each.tails for each in like.values()])
    chosen = most_varied(tails, len(COLOURS))
    low, high = np.quantile(tails[:, 0], 0.1, axis=0), np.quantile(tails[:, 1], 0.9, axis=0)

    def bands(span: Span | None, each: _Looked) -> list[Band]:
        found = each.envelopes[span]
        return [
            Band(
                names[column],
                COLOURS[place],
                outline(scaled(found[:, :, column], low[column], high[column])),
                found.shape[1],
                each.seconds if span is None else span[1] - span[0],
            )
            for place, column in enumerate(chosen)
        ]

    return DrawnSignals(
        [(names[column], COLOURS[place]) for place, column in enumerate(chosen)],
        len(names),
        {name: DrawnPart(bands(None, each)) for name, each in like.items()},
        {
            (name, span): DrawnPart(bands(span, each), figures)
            for name, each in like.items()
            for span, figures in each.figures.items()
        },
        reasons,
    )


def most_varied(tails: Floats, most: int) -> list[int]:
    """The columns, in their order, whose values reach farthest in the median recording; tails [recordings, 2, D]."""
    reach = np.median(tails[:, 1] - tails[:, 0], axis=0)
    return sorted(np.argsort(-reach, kind="stable")[:most].tolist())
