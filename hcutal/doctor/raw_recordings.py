"""A folder of recordings before extraction: what can be read, how long it is, and whose annotations meet it."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from hcutal.data.annotation_check import check_annotations
from hcutal.data.annotation_records import TOLERANCE
from hcutal.data.ground_truth import GroundTruth
from hcutal.data.meeting import Meeting, plain
from hcutal.data.problems import ERROR, NOTE, WARNING, Findings, spread
from hcutal.data.units import by_video, check_unit
from hcutal.errors import HcutalError
from hcutal.extract.extractor import Extractor
from hcutal.extract.find import RecordingFolder
from hcutal.extract.probe import FEWEST, FEWEST_WHOLE, ProbedRecordings, probe_recordings
from hcutal.extract.registry import Recipe
from hcutal.hashes import KnownDigests
from hcutal.progress import worked

# Of annotated videos that no recording is of.
NOT_RECORDED = "not-recorded"


def check_recordings(
    source: Path, recipe: Recipe, truth: GroundTruth | None = None, by_path: bool = False
) -> Findings:
    """Probe all recordings below `source` that the extractor reads, or this one; with `truth` also names and ends.

    by_path: whether recordings are called like their paths.
    """
    found = Findings()
    try:
        is_one = source.is_file()
        folder = (
            RecordingFolder({plain(source.stem): source}) if is_one else recipe.look_into(source, by_path)
        )
        files = folder.files
        extractor = recipe.settled(files.values()).make()
    except HcutalError as error:
        found.add(
            ERROR, "no-recordings", str(error), "mend the folder; --extractor says what reads recordings"
        )
        return found
    _check_taken(folder, source, found)
    probed = probe_recordings(files, extractor, "check")
    seconds = probed.seconds
    found.add_each(
        WARNING, "gaps", probed.notes, "recordings have long gaps", "cut them there, or set longest_gap"
    )
    lasting = {name: length for name, length in seconds.items() if 0 < length < math.inf}
    _check_readable(probed, lasting, found, ERROR if is_one else WARNING)
    if not is_one:
        _check_number(source, len(lasting), found)
    _check_ends({name: files[name] for name in lasting}, extractor, found)
    check_readable(files, lasting, extractor.step(), found)
    found.summary |= {
        "recordings": len(files),
        "readable": len(lasting),
        "hours": round(sum(lasting.values()) / 3600, 4),
        "seconds of a recording": spread(lasting.values()),
        "extractor": recipe.name,
        **({"read as": listed_forms(probed.read_as)} if any(probed.read_as) else {}),
    }
    if truth is not None:
        check_beside(seconds, files, truth, found)
    return found


def _check_taken(folder: RecordingFolder, source: Path, found: Findings) -> None:
    found.add_each(
        NOTE,
        "not-taken",
        [f"{count} {kind}" for kind, count in folder.passed_over.most_common()],
        "kinds of files are not read by this extractor",
        "none is needed where they are no recordings",
    )
    found.add_each(
        WARNING,
        "linked-folder",
        [str(path.relative_to(source.resolve())) for path in folder.linked],
        "folders are links, and are not entered",
        "name the folders that they lead to, or put the recordings there",
    )


def _check_readable(
    probed: ProbedRecordings, lasting: Mapping[str, float], found: Findings, gravity: str
) -> None:
    found.add_each(
        gravity,
        "unreadable",
        probed.unreadable,
        "recordings cannot be read and are left out",
        "mend or remove them",
    )
    found.add_each(
        gravity,
        "no-duration",
        sorted(probed.seconds.keys() - lasting.keys()),
        "recordings last no time",
        "mend or remove them",
    )


def _check_number(source: Path, readable: int, found: Findings) -> None:
    if readable < FEWEST:
        text = f"{source}: {readable} recordings can be read; expected {FEWEST} or more"
        found.add(ERROR, "too-few", text, "add recordings, or mend those that cannot be read")
    elif readable < FEWEST_WHOLE:
        text = f"{source}: {readable} recordings can be read: `hcutal new` cuts them into pieces"
        found.add(NOTE, "few", text, "none is needed where they are long; see --pieces")


def listed_forms(read_as: Mapping[str, int], most: int = 5) -> list[str]:
    """The forms in which recordings were read, the commonest first, and of how many."""
    forms = sorted((form for form in read_as if form), key=lambda form: -read_as[form])
    more = [f"{len(forms) - most} more forms"] if len(forms) > most else []
    return [f"{read_as[form]} x {form}" for form in forms[:most]] + more


def refuse_unfit(annotations: Path, seconds: Mapping[str, float]) -> Findings:
    """What is found in annotations of recordings that last so long; `HcutalError` with all that is wrong.

    Records of other videos are none of their business.
    """
    truth, found = check_annotations(annotations, wanted=list(seconds))
    if truth is not None:
        check_beside(seconds, seconds, truth, found)
    found.refuse(annotations.name)
    return found


def check_readable(
    files: Mapping[str, Path], seconds: Mapping[str, float], step: float, found: Findings
) -> None:
    """Add copies of recordings, and those that are too short. seconds: of those that can be read; step: of snippets."""
    known: dict[str, str] = {}
    same = []
    digests = KnownDigests()
    sizes = {name: path.stat().st_size for name, path in files.items() if path.is_file()}
    often = Counter(sizes.values())
    for name, path in files.items():
        # Of a size that no other has, it is no copy, and is not read.
        if name in sizes and often[sizes[name]] == 1:
            continue
        first = known.setdefault(digests.of(path), name)
        if first != name:
            same.append(f"{name} = {first}")
    found.add_each(
        WARNING, "same-content", same, "recordings have the content of another one", "remove the copies"
    )
    short = [name for name, length in seconds.items() if length < 2 * step]
    found.add_each(
        WARNING, "short", short, f"recordings are shorter than two snippets of {step:g} s", "leave them out"
    )


def _check_ends(files: Mapping[str, Path], extractor: Extractor, found: Findings) -> None:
    """Films are read to their ends, where the extractor knows how."""
    cut_short = getattr(extractor, "cut_short", None)
    if cut_short is None:
        return
    short = []
    for name, path in worked(files.items(), "read", "recording", len(files)):
        with suppress(HcutalError):
            short += [f"{name} {said}" for said in [cut_short(path)] if said]
    found.add_each(
        WARNING,
        "cut-short",
        short,
        "recordings end before the length that they state",
        "copy them anew; those that lack more than max_lost are refused",
    )


def check_beside(
    seconds: Mapping[str, float], names: Iterable[str], truth: GroundTruth, found: Findings
) -> None:
    """Whether annotations are of recordings of these names, and within their durations (s)."""
    meeting = Meeting.of(names, truth.videos["video"])
    found.summary["names"] = meeting.counts("recorded", "annotated")
    if not meeting.both:
        text = f"{truth.path.name}: none of its videos is recorded; {found.summary['names']}"
        found.add(ERROR, "no-video-meets", text, "name annotations like the files, without their ending")
        return
    found.add_each(NOTE, "not-annotated", meeting.first, "recordings are not annotated", "none is needed")
    found.add_each(
        WARNING,
        NOT_RECORDED,
        meeting.second,
        "annotated videos have no recording",
        "add them, or write names alike",
    )
    last = {
        video: end
        for video, end in by_video(truth.instances.groupby("video")["end"].max()).items()
        if video in seconds
    }
    unit = check_unit(last, seconds)
    if unit.is_doubtful:
        found.add(ERROR, "unit", f"{truth.path.name}: {unit.text('annotations')}", unit.remedy())
        return
    late = [
        f"{name} lasts {seconds[name]:g} s, annotated to {end:g} s"
        for name, end in last.items()
        if end > seconds[name] + TOLERANCE
    ]
    found.add_each(
        ERROR,
        "beyond-recording",
        late,
        "recordings have instances after their end",
        "mend ends, or cut short files",
    )
    stated = by_video(truth.videos.set_index("video")["duration"])
    other = [
        f"{name}: {stated[name]:g} s stated, {length:g} s found"
        for name, length in seconds.items()
        if abs(stated.get(name, math.nan) - length) > max(TOLERANCE, 0.02 * length)
    ]
    found.add_each(
        WARNING, "other-duration", other, "recordings last longer or shorter than stated", "check the files"
    )
