"""Features that a user has, as `features/{train,test}/<stream>/<video>.npy` and gt.json (the field's layout).

ROOT holds gt.json (ActivityNet's form), split_train.txt and split_test.txt (a video a line) and the features.
The arrays stay where they are: `prepare` checks them and writes recordings/index.csv, which says where each
one is and what it holds.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from hcutal.data.annotations import Annotations, read_annotations
from hcutal.data.npy import PICKLED
from hcutal.data.store import open_array
from hcutal.data.times import SnippetTimes
from hcutal.datasets.given import take, write_about
from hcutal.datasets.prepared import listed_path, write_dataset
from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.hashes import KnownDigests
from hcutal.layout import RECORDINGS_INDEX
from hcutal.params.imported import ImportedFeatures, ImportedPrepare
from hcutal.tables import read_table, write_table

SUBSETS = ("train", "test")
INDEX_COLUMNS = ["video", "stream", "path", "content"]
# A partial snippet at the end has no features, and the last frames are often missing.
SLACK_SNIPPETS = 2
SHOWN = 5


@dataclass(frozen=True)
class Root:
    """What a folder in the layout of the field holds: annotations of the videos, (video, stream, file)."""

    annotations: Annotations
    files: list[tuple[str, str, Path]]
    extra: int


def prepare(folder: Path, params: ImportedPrepare, source: Path) -> None:
    """Check the folder `source` in full and write a data set's files and recordings/index.csv to `folder`."""
    root = read_root(source)
    lengths = measure(root)
    times = SnippetTimes(params.fps, params.snippet_frames, params.snippet_frames)
    videos = root.annotations.videos
    featured = videos["video"].map(lengths).map(times.end).astype(float)
    _check_durations(videos, featured, times.step, params, source)
    known = videos.assign(duration=videos["duration"].fillna(featured))
    digests = KnownDigests()
    with atomic_path(folder / "recordings") as target:
        target.mkdir()
        rows = [
            dict(
                zip(INDEX_COLUMNS, (video, stream, listed_path(path, source), digests.of(path)), strict=True)
            )
            for video, stream, path in root.files
        ]
        write_table(target / RECORDINGS_INDEX, rows, INDEX_COLUMNS)
        write_about(target, params.fps, params.snippet_frames, unused_files=root.extra)
    digests.save()
    write_dataset(folder, Annotations(_with_ends(known, root.annotations), root.annotations.instances), known)


def features(recordings: Path, target: Path, params: ImportedFeatures) -> None:
    """Make a feature store at `target` of the arrays that recordings/index.csv lists."""
    files: dict[str, dict[str, Path]] = {}
    index = read_table(recordings / RECORDINGS_INDEX, dict.fromkeys(INDEX_COLUMNS, str))
    for video, stream, path, _ in index.itertuples(index=False):
        files.setdefault(video, {})[stream] = Path(path)
    take(files, recordings, target, params.extractor, params.weights)


def read_root(source: Path) -> Root:
    """What `source` holds, arrays unread; `HcutalError` lists what is missing."""
    source = source.resolve()
    if not source.is_dir():
        raise HcutalError(
            f"{source}: no such folder; expected gt.json, split_train.txt, split_test.txt, features/"
        )
    _refuse_joint(source)
    splits = {subset: _read_split(source / f"split_{subset}.txt") for subset in SUBSETS}
    both = sorted(set(splits["train"]) & set(splits["test"]))
    if both:
        raise HcutalError(f"{source}: {len(both)} videos stand in both splits: {_shown(both)}")
    role = {video: subset for subset in SUBSETS for video in splits[subset]}
    annotations = read_annotations(source / "gt.json").select(role)
    unknown = sorted(role.keys() - set(annotations.videos["video"]))
    if unknown:
        raise HcutalError(
            f"{source / 'gt.json'}: {len(unknown)} videos of the splits are missing: {_shown(unknown)}"
        )
    videos = annotations.videos.assign(subset=annotations.videos["video"].map(role))
    files, extra = _find_files(source / "features", splits)
    return Root(Annotations(videos, annotations.instances), files, extra)


def measure(root: Root) -> dict[str, int]:
    """The number of snippets of each video; `HcutalError` for an array that cannot be used.

    All streams of a video must have the same number of snippets, all videos the same size of a stream.
    """
    lengths: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for video, stream, path in tqdm(root.files, desc="prepare", disable=None):
        array = open_array(path, sizes.get(stream))
        sizes[stream] = array.shape[1]
        if lengths.setdefault(video, len(array)) != len(array):
            raise HcutalError(
                f"{path}: {len(array)} snippets; another stream of {video} has {lengths[video]}"
            )
        if not np.isfinite(array).all():
            raise HcutalError(f"{path}: NaN or infinite feature values; expected finite numbers")
    return lengths


def _refuse_joint(source: Path) -> None:
    """One array of pickled objects for all videos (W-TALC's layout) is known by its name."""
    joint = sorted(source.glob("*-JOINTFeatures.npy"))
    if joint and not (source / "features").is_dir():
        raise HcutalError(f"{joint[0]}: features of all videos in one file; {PICKLED}")


def _read_split(path: Path) -> list[str]:
    try:
        videos = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror}); expected a video a line") from None
    except UnicodeDecodeError as error:
        raise HcutalError(f"{path}: not UTF-8 text ({error}); expected a video a line") from None
    twice = sorted({video for video in videos if videos.count(video) > 1})
    if twice or not videos:
        found = f"{_shown(twice)} twice" if twice else "no video"
        raise HcutalError(f"{path}: found {found}; expected each video once")
    return videos


def _find_files(features: Path, splits: dict[str, list[str]]) -> tuple[list[tuple[str, str, Path]], int]:
    streams = {subset: {path.name for path in (features / subset).glob("*/")} for subset in SUBSETS}
    if not streams["train"] or streams["train"] != streams["test"]:
        raise HcutalError(
            f"{features}: streams are {sorted(streams['train'])} in train, "
            f"{sorted(streams['test'])} in test; expected the same folders in both, e.g. rgb and flow"
        )
    files, missing, extra = [], [], 0
    for subset, videos in splits.items():
        for stream in sorted(streams[subset]):
            found = {path.stem: path for path in (features / subset / stream).glob("*.npy")}
            missing += [f"{subset}/{stream}/{video}.npy" for video in videos if video not in found]
            files += [(video, stream, found[video]) for video in videos if video in found]
            extra += len(found.keys() - set(videos))
    if missing:
        raise HcutalError(f"{features}: {len(missing)} files are missing: {_shown(missing)}")
    return files, extra


def _check_durations(
    videos: pd.DataFrame, featured: pd.Series, seconds: float, params: ImportedPrepare, source: Path
) -> None:
    slack = np.maximum(params.tolerance * videos["duration"], SLACK_SNIPPETS * seconds)
    wrong = (featured - videos["duration"]).abs() > slack
    if wrong.any():
        worst = videos[wrong].iloc[0]
        raise HcutalError(
            f"{source}: {worst['video']} lasts {worst['duration']:g} s, "
            f"its features {featured[wrong].iloc[0]:g} s at fps {params.fps:g} and "
            f"snippet_frames {params.snippet_frames} ({int(wrong.sum())} videos differ); "
            "expected prepare.fps and prepare.snippet_frames to be those of the extraction"
        )


def _with_ends(videos: pd.DataFrame, annotations: Annotations) -> pd.DataFrame:
    """The list of the annotations' file: a duration taken from features reaches to the last instance's end.

    This list is not the one in videos.csv, which knows nothing of instances.
    """
    ends = annotations.instances.groupby("video")["end"].max()
    last = videos["video"].map(ends).fillna(0.0)
    return videos.assign(duration=np.maximum(videos["duration"], last))


def _shown(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
