"""What a folder of recordings holds, and how it is best looked at: as whole recordings, or in pieces."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal

from hcutal.data.problems import WARNING, Findings, some
from hcutal.doctor.raw_recordings import NOT_RECORDED, check_readable
from hcutal.errors import HcutalError
from hcutal.extract.extractor import RawSignals
from hcutal.extract.probe import FEWEST, FEWEST_WHOLE, probe_recordings, signals_of
from hcutal.extract.registry import Recipe
from hcutal.extract.small_picture import small_picture
from hcutal.params.train import FEWEST_SNIPPETS, PieceRule

# Recordings of which half are longer hardly show one action each; of few recordings, shorter ones do not.
LONG_SECONDS, FEW, LONG_OF_FEW_SECONDS = 600.0, 8, 120.0
# More pieces make training slow and its memory large.
MOST_PIECES = 2000
# How many kinds of files, and of failures, are named.
NAMED = 5


@dataclass(frozen=True)
class FolderSummary:
    """What a folder holds.

    Attributes:
        durations: seconds of each recording that can be read.
        unreadable: why each of the others cannot.
        kinds: how many recordings end in which suffix.
        passed_over: the same of the files that the extractor does not read.
        linked: folders that are links, which are not entered.
        read_as: how many recordings are read in which way, where an extractor says it.
        notes: what is left out of recordings.
        first: the name of the first one and what it holds, where that is signals.
        doubts: what may be wrong with those that can be read.
    """

    durations: dict[str, float]
    unreadable: list[str]
    kinds: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    read_as: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    first: tuple[str, RawSignals] | None = None
    doubts: Findings = field(default_factory=Findings)

    @property
    def recordings(self) -> int:
        """How many can be read."""
        return len(self.durations)

    @property
    def seconds(self) -> float:
        """How long they are together."""
        return sum(self.durations.values())


def look(source: Path, recipe: Recipe, by_path: bool = False) -> FolderSummary:
    """Find and probe the recordings; `HcutalError` when not even two can be read.

    by_path: whether recordings are called like their paths.
    """
    folder = recipe.look_into(source, by_path)
    files = folder.files
    extractor = recipe.settled(files.values()).make()
    probed = probe_recordings(files, extractor, "look")
    seconds = {name: length for name, length in probed.seconds.items() if 0 < length < math.inf}
    unreadable = probed.unreadable + [
        f"{files[name]}: lasts {length:g} s; expected more than 0"
        for name, length in probed.seconds.items()
        if name not in seconds
    ]
    if len(seconds) < FEWEST:
        raise HcutalError(
            f"{source}: {'one recording' if seconds else 'no recording'} can be read; expected {FEWEST} or more: "
            f"groups are found by what recordings have in common{_reasons(unreadable)}"
        )
    kinds = Counter(
        "folders of numbered files" if files[name].is_dir() else files[name].suffix.lower()
        for name in seconds
    )
    linked = [str(path.relative_to(source.resolve())) for path in folder.linked]
    name = next(iter(seconds))
    signals = signals_of(extractor, files[name])
    doubts = Findings()
    check_readable({name: files[name] for name in seconds}, seconds, extractor.step(), doubts)
    return FolderSummary(
        seconds,
        unreadable,
        kinds,
        folder.passed_over,
        probed.read_as,
        probed.notes,
        linked,
        None if signals is None else (name, signals),
        doubts,
    )


def _reasons(unreadable: Sequence[str]) -> str:
    return "".join(f"\n  {reason}" for reason in unreadable[:NAMED])


def chosen_pieces(found: FolderSummary, wanted: float | Literal["auto"] | None, step: float) -> float | None:
    """The length of the pieces (s) that a project trains on, None for whole recordings; `auto` as `piece_seconds`.

    Raises `HcutalError` where these are too few.
    """
    durations = list(found.durations.values())
    if wanted == "auto":
        return piece_seconds(durations, step, _reasons(found.unreadable))
    if wanted is None and len(durations) < FEWEST_WHOLE:
        raise HcutalError(
            f"{len(durations)} recordings can be read; expected {FEWEST_WHOLE} or more, or pieces of them"
            f"{_reasons(found.unreadable)}"
        )
    if wanted is not None and not FEWEST_SNIPPETS * step <= wanted < max(durations):
        raise HcutalError(
            f"--pieces: found {wanted:g}; expected {FEWEST_SNIPPETS * step:g} s ({FEWEST_SNIPPETS} snippets) or more, "
            f"and less than the longest recording, {max(durations):g} s"
        )
    return wanted


def piece_seconds(durations: Sequence[float], step: float, unreadable: str = "") -> float | None:
    """The length of the pieces (s) that recordings are best trained on; None: they stay whole.

    step: seconds from one snippet to the next. Few recordings have no groups of their own, and long ones hardly show
    one action each: both are cut. Raises `HcutalError` for few recordings that are too short to be cut, with what is
    `unreadable`.

    >>> piece_seconds([60.0] * 20, 0.64), piece_seconds([1800.0] * 5, 0.64), piece_seconds([60.0] * 2, 0.64)
    (None, 9.0, 4.0)
    """
    half = median(durations)
    is_long = half >= LONG_SECONDS or (len(durations) < FEW and half >= LONG_OF_FEW_SECONDS)
    if len(durations) >= FEWEST_WHOLE and not is_long:
        return None
    overlap = 1 - PieceRule().overlap
    longest = sum(durations) / (MOST_PIECES * overlap)
    seconds = max(PieceRule().seconds, FEWEST_SNIPPETS * step, float(math.ceil(longest)))
    if piece_count(durations, seconds) < 2 * FEWEST_WHOLE:
        raise HcutalError(
            f"{len(durations)} recordings of {sum(durations):.0f} s can be read; expected {FEWEST_WHOLE} or more, or "
            f"longer ones, which are cut into pieces of {seconds:g} s{unreadable}"
        )
    return seconds


def piece_count(durations: Sequence[float], seconds: float) -> int:
    """About how many pieces there are."""
    hop = seconds * (1 - PieceRule().overlap)
    return sum(max(1, round((length - seconds) / hop) + 1) for length in durations)


def found_text(found: FolderSummary) -> Iterator[str]:
    """What was found, and what was not taken, in lines."""
    lengths = sorted(found.durations.values())
    shortest, half, longest = map(_minutes, (lengths[0], median(lengths), lengths[-1]))
    yield f"{found.recordings} recordings, {_minutes(found.seconds)} minutes in all: {_kinds(found.kinds)}"
    yield f"    {shortest} to {longest} each, half of them {half} or longer"
    if found.unreadable:
        yield f"not taken, since they cannot be read: {len(found.unreadable)}"
    if found.passed_over:
        yield f"not taken, since this extractor reads no such files: {_kinds(found.passed_over)}"
    if found.linked:
        yield f"not entered, since they are links: {len(found.linked)} folders ({some(found.linked)})"
    yield from _warnings(found.doubts)


def picture_text(found: FolderSummary, encoding: str) -> Iterator[str]:
    """The first recording, where it is of signals, as a small picture in lines that can be written in `encoding`."""
    if found.first is not None:
        name, signals = found.first
        columns = f"{len(signals.names)} columns, {signals.rate:g} values a second"
        minutes = _minutes(found.durations[name])
        yield f"{name}: {minutes} minutes, {columns}; each from its least to its greatest value"
        yield from (f"    {line}" for line in small_picture(signals, encoding))


def annotated_text(found: Findings) -> Iterator[str]:
    """Whose annotations meet whose recordings, and what may be wrong with them, in lines."""
    yield f"annotations: {found.summary['names']}"
    # What has no recording is in the first line.
    yield from _warnings(found, NOT_RECORDED)


def _warnings(found: Findings, known: str = "") -> Iterator[str]:
    """Warnings with their remedies, but for those of a kind that is known."""
    for problem in found.problems:
        if problem.gravity == WARNING and problem.kind != known:
            yield f"warning ({problem.kind}): {problem.text}"
            yield f"    -> {problem.remedy}"


def assumption_text(found: FolderSummary, pieces: float | None) -> Iterator[str]:
    """What the project takes for given, and how to change it, in lines."""
    if pieces is None:
        yield "assumed: each recording shows mainly one action; a cluster is a group of them"
        yield "    where recordings show several actions each, or in doubt: --pieces 4 (seconds of a piece)"
        return
    count = piece_count(list(found.durations.values()), pieces)
    yield f"assumed: several actions a recording; a cluster is a group of pieces of {pieces:g} s"
    yield f"    about {count:,} of them; a piece should hold one action at most: --pieces SECONDS"
    yield "    for whole recordings: --pieces none"


def _kinds(kinds: Counter[str]) -> str:
    named = [f"{count} {kind}" for kind, count in kinds.most_common(NAMED)]
    rest = kinds.total() - sum(count for _, count in kinds.most_common(NAMED))
    return ", ".join([*named, *([f"{rest} others"] if rest else [])])


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
