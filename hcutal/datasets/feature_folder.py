"""A folder of features with its lists and annotations, checked as a whole: the one check of doctor, import and prepare.

ROOT holds gt.json (ActivityNet's form), split_train.txt and split_test.txt (a video a line; without both, the
subsets of gt.json count), and the arrays, in `features/` or in ROOT itself, in a layout of `feature_files`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hcutal.data.annotations import Annotations
from hcutal.data.feature_array import ArrayForm
from hcutal.data.meeting import Meeting
from hcutal.data.npy import PICKLED, holds_objects
from hcutal.data.problems import ERROR, NOTE, WARNING, Findings, spread
from hcutal.data.times import SnippetTimes
from hcutal.data.units import by_video
from hcutal.datasets.array_check import CheckedArrays, check_arrays
from hcutal.datasets.feature_files import SUBSETS, FeatureFile, FeatureFiles, find_features
from hcutal.datasets.known_videos import know_videos, read_listed, spelling
from hcutal.datasets.rate_table import read_rates
from hcutal.datasets.time_check import check_times
from hcutal.errors import HcutalError
from hcutal.params.imported import ImportedPrepare

TRUTH = "gt.json"
# Rates of each video of THUMOS'14, as releases of its features have them beside the arrays.
RATES = "fps_dict.json"
# What is said where there are arrays, but none that is read.
REFUSED = ("joint", "not-read", "damaged")
# How many different rates are listed.
FEW = 5
EXPECTED = "expected gt.json, split_train.txt, split_test.txt, features/"


@dataclass
class FeatureFolder:
    """What a folder of features holds.

    Attributes:
        findings: summary and problems; the rest is whole only where there is no error.
        annotations: of the recordings, with their subsets.
        files: the arrays of these recordings.
        extra: how many arrays are of other recordings.
        lengths: snippets by recording.
        times: where the snippets stand, by recording.
    """

    findings: Findings = field(default_factory=Findings)
    annotations: Annotations | None = None
    files: list[FeatureFile] = field(default_factory=list)
    extra: int = 0
    lengths: dict[str, int] = field(default_factory=dict)
    times: dict[str, SnippetTimes] = field(default_factory=dict)


def times_of(params: ImportedPrepare) -> SnippetTimes:
    """Where the snippets stand in a recording without a rate of its own."""
    return SnippetTimes(
        params.fps, params.snippet_frames, params.stride or params.snippet_frames, params.offset
    )


def check_folder(source: Path, params: ImportedPrepare, complete: bool = True) -> FeatureFolder:
    """Read a folder in full. complete: whether lists and annotations must be there, as `hcutal import` needs them."""
    folder = FeatureFolder()
    found, source = folder.findings, source.resolve()
    if not source.is_dir():
        found.add(
            ERROR, "no-folder", f"{source}: no such folder; {EXPECTED}", "name the folder of the features"
        )
        return folder
    listed = read_listed(source, params, found, complete)
    features = source / "features" if (source / "features").is_dir() else source
    arrays = find_features(features, listed.names())
    _report_refused(arrays, features, listed.names(), found)
    known = know_videos(listed, {file.video for file in arrays.files}, params, source, found)
    folder.annotations, roles = known.annotations, known.roles
    folder.files, folder.extra = _wanted(arrays, roles, features, found)
    checked = check_arrays(folder.files, ArrayForm(params.axes, params.crop), features, params.trim)
    checked.report(found)
    folder.lengths = checked.lengths
    _check_parts(params, checked, found)
    folder.times = _times(source, params, folder, found)
    _check_ends(folder, params)
    _summarise(folder, arrays, checked, params)
    return folder


def _wanted(
    arrays: FeatureFiles, roles: Mapping[str, str], features: Path, found: Findings
) -> tuple[list[FeatureFile], int]:
    """The arrays of the recordings, and how many others there are; all where no recording is known."""
    if not arrays.files:
        if not found.has(*REFUSED):
            found.add(
                ERROR,
                "no-arrays",
                f"{features}: no array; expected [{{train,test}}/][<stream>/]<recording>.npy",
                "name the folder that holds gt.json and features/",
            )
        return [], 0
    if any(file.subset for file in arrays.files):
        train, test = (arrays.streams(subset) for subset in SUBSETS)
        if train != test:
            found.add(
                ERROR,
                "streams",
                f"{features}: streams are {sorted(train)} in train, {sorted(test)} in test",
                "expected the same folders in both, e.g. rgb and flow",
            )
    if not roles:
        return arrays.files, 0
    has = {
        (file.video, file.stream): file
        for file in arrays.files
        if file.subset in (None, roles.get(file.video))
    }
    are_apart = any(file.subset for file in arrays.files)
    subset_of = {video: f"{role}/" if are_apart else "" for video, role in roles.items()}
    streams = sorted(arrays.streams())
    missing, files = [], []
    for role in dict.fromkeys(roles.values()):
        for stream in streams:
            for video in (video for video, own in roles.items() if own == role):
                if (video, stream) in has:
                    files.append(has[video, stream])
                else:
                    missing.append(_expected(arrays, video, stream, subset_of[video]))
    extra = sorted({file.video for file in arrays.files} - roles.keys())
    if missing:
        remedy = spelling(roles.keys() - {file.video for file in files}, extra)
        found.add(ERROR, "missing", f"{features}: {len(missing)} files are missing", remedy, missing)
    if not found.has("split"):
        text = "recordings have features and are in no split"
        found.add_each(NOTE, "unused", extra, text, "none is needed")
    unused = set(extra)
    return files, len([file for file in arrays.files if file.video in unused])


def _expected(arrays: FeatureFiles, video: str, stream: str, subset: str) -> str:
    inner = f"{stream}/" if "<stream>" in arrays.form else ""
    return f"{subset}{inner}{video}.npy"


def _report_refused(arrays: FeatureFiles, features: Path, known: Collection[str], found: Findings) -> None:
    root = features.parent if features.name == "features" else features
    joint = [
        path
        for folder in dict.fromkeys((root, features))
        for path in sorted(folder.glob("*-JOINTFeatures.npy"))
    ]
    joint += [
        file.place.path
        for file in arrays.files
        if known and file.video not in known and holds_objects(file.place.path)
    ]
    if joint:
        found.add(
            ERROR,
            "joint",
            f"{joint[0]}: features of all videos in one file; {PICKLED}",
            "save each array by itself",
        )
        arrays.files = [file for file in arrays.files if file.place.path not in joint]
    for suffix in sorted({path.suffix.lower() for path in arrays.refused}):
        paths = [path for path in arrays.refused if path.suffix.lower() == suffix]
        found.add(
            ERROR,
            "not-read",
            f"{len(paths)} files {suffix} are not read (nothing that could run code)",
            f"where you trust them: {arrays.refused[paths[0]]}",
            [str(path.relative_to(features)) for path in paths],
        )
    found.add_each(ERROR, "damaged", arrays.unreadable.values(), "archives cannot be read", "make them anew")


def _check_parts(params: ImportedPrepare, checked: CheckedArrays, found: Findings) -> None:
    total = sum(part.size for part in params.parts)
    if params.parts and any(size != total for size in checked.sizes.values()):
        sizes = ", ".join(f"{stream}: {size}" for stream, size in checked.sizes.items())
        found.add(
            ERROR, "parts", f"parts have {total} dimensions together, the arrays {sizes}", "mend --parts"
        )


def _times(
    source: Path, params: ImportedPrepare, folder: FeatureFolder, found: Findings
) -> dict[str, SnippetTimes]:
    """Where the snippets of each recording stand."""
    common = times_of(params)
    if params.rescaled:
        return _rescaled(folder, found)
    if not params.rates and (source / RATES).is_file():
        text = f"{RATES} says a rate for each video, and is not used: all have {params.fps:g} frames a second"
        remedy = f"--rates {RATES}, where the features were made at the rate of each video"
        found.add(NOTE, "rates-unused", text, remedy)
    own = _own_rates(source / params.rates, common, folder, found) if params.rates else {}
    return {video: own.get(video, common) for video in folder.lengths}


def _rescaled(folder: FeatureFolder, found: Findings) -> dict[str, SnippetTimes]:
    """T snippets span the duration: as many a second as that gives."""
    durations = (
        {}
        if folder.annotations is None
        else by_video(folder.annotations.videos.set_index("video")["duration"])
    )
    known = {video: durations[video] for video in folder.lengths if durations.get(video, 0) > 0}
    unknown = sorted(folder.lengths.keys() - known.keys())
    found.add_each(
        ERROR,
        "rescaled",
        unknown,
        "recordings were rescaled and have no duration",
        'add "duration" to the annotations',
    )
    return {video: SnippetTimes(folder.lengths[video] / seconds, 1, 1) for video, seconds in known.items()}


def _own_rates(
    path: Path, common: SnippetTimes, folder: FeatureFolder, found: Findings
) -> dict[str, SnippetTimes]:
    try:
        own = read_rates(path, common)
    except HcutalError as error:
        found.add(
            ERROR, "rates", str(error), "write a CSV with the columns video and fps, or JSON {video: fps}"
        )
        return {}
    meeting = Meeting.of(own, folder.lengths)
    if folder.lengths and not meeting.both:
        text = meeting.text("rates", "in the table", "with features")
        found.add(
            ERROR, "rates", f"{path}: none of its videos has features; {text}", "write their names alike"
        )
    found.add_each(
        WARNING,
        "no-rate",
        meeting.second,
        "recordings are not in the table of rates",
        "add them; --fps counts for them",
    )
    return own


def _check_ends(folder: FeatureFolder, params: ImportedPrepare) -> None:
    if folder.annotations is None or params.rescaled:
        return
    durations = by_video(folder.annotations.videos.set_index("video")["duration"])
    last = by_video(folder.annotations.instances.groupby("video")["end"].max())
    check_times(folder.findings, folder.lengths, folder.times, durations, last, params.tolerance)


def _summarise(
    folder: FeatureFolder, arrays: FeatureFiles, checked: CheckedArrays, params: ImportedPrepare
) -> None:
    ends = [
        folder.times[video].end(length) for video, length in folder.lengths.items() if video in folder.times
    ]
    folder.findings.summary |= {
        "read as": arrays.text,
        "recordings": len(folder.lengths),
        "hours": round(sum(ends) / 3600, 4),
        "seconds of a recording": spread(ends),
        "D": {part.stream: part.size for part in params.parts} or checked.sizes,
        "fps": _few(times.fps for times in folder.times.values()),
        "snippets a second": _few(1 / times.step for times in folder.times.values()),
        "snippets": sum(folder.lengths.values()),
    }


def _few(values: Iterable[float]) -> list[float] | dict[str, float]:
    """The values that there are, or where they lie where these are many."""
    found = sorted({round(value, 4) for value in values})
    return found if len(found) <= FEW else {"from": found[0], "to": found[-1]}
