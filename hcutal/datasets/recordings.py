"""A folder of recordings that nobody cut into features yet: videos, sensor logs, skeletons.

Every file that the extractor reads is a recording. With annotations their subsets decide who is trained on and who
is tested; without, every recording is both.
"""

import heapq
import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.data.annotation_records import TOLERANCE
from hcutal.data.annotations import (
    INSTANCE_COLUMNS,
    VIDEO_COLUMNS,
    Annotations,
    database_of,
    read_annotations,
)
from hcutal.data.meeting import Meeting
from hcutal.data.problems import some
from hcutal.data.unique_json import read_unique_json
from hcutal.data.units import by_video, check_unit
from hcutal.datasets.prepared import listed_path, write_dataset
from hcutal.errors import HcutalError
from hcutal.extract.extractor import Extractor
from hcutal.extract.make_store import make_store
from hcutal.extract.many import extract_many
from hcutal.extract.own_rate import own_rate
from hcutal.extract.registry import Recipe
from hcutal.extract.workers import count_workers
from hcutal.files import atomic_path
from hcutal.hashes import KnownDigests
from hcutal.labelling.dropped import read_dropped
from hcutal.labelling.taught import read_taught
from hcutal.layout import EXTRACTED, LABELS, RECORDINGS_INDEX
from hcutal.params.recordings import RecordingsFeatures, RecordingsPrepare
from hcutal.params.section import read_section
from hcutal.progress import worked
from hcutal.tables import read_table, write_table

INDEX_COLUMNS = ["video", "path", "duration", "content", "rate"]
log = logging.getLogger(__name__)


def prepare(folder: Path, params: RecordingsPrepare, source: Path) -> None:
    """Write a data set's files and recordings/index.csv (video, path, duration, content, rate) to `folder`.

    The digest of its content stands for a recording that stays where it is: exchanged, it is another one. The rate is
    that of its frames (`hcutal.extract.own_rate`), NaN where it has none.

    A recording that cannot be read stays in the list: the features stage says what is wrong with it.
    """
    features = read_section(RecordingsFeatures, "datasets", folder.name, "features")
    recipe = Recipe(features.extractor, features.values)
    extractor = recipe.make()
    files = _without_dropped(recipe.look_into(source, params.names == "path").files, params.dropped)
    durations = {
        name: _probe(extractor, path)
        for name, path in worked(files.items(), "prepare", "recording", len(files))
    }
    videos = pd.DataFrame([(name, "both", durations[name]) for name in files], columns=VIDEO_COLUMNS)
    annotations = Annotations(videos, pd.DataFrame(columns=INSTANCE_COLUMNS))
    if params.annotations is not None:
        videos, annotations = _annotated(videos, LABELS / params.annotations)
    known = KnownDigests()
    with atomic_path(folder / "recordings") as target:
        target.mkdir()
        rows = [
            dict(
                zip(
                    INDEX_COLUMNS,
                    (
                        name,
                        listed_path(path, source),
                        durations[name],
                        known.of(path),
                        own_rate(path, extractor) or float("nan"),
                    ),
                    strict=True,
                )
            )
            for name, path in files.items()
        ]
        write_table(target / RECORDINGS_INDEX, rows, INDEX_COLUMNS)
    known.save()
    taught = None if params.taught is None else read_taught(LABELS / params.taught)
    write_dataset(folder, annotations, videos, taught)


def _without_dropped(files: Mapping[str, Path], dropped: str | None) -> dict[str, Path]:
    """The recordings without those that a table in labels/ names."""
    if dropped is None:
        return dict(files)
    meeting = Meeting.of(files, read_dropped(LABELS / dropped))
    if meeting.second:
        log.warning("%s: %s", LABELS / dropped, meeting.counts("recorded", "dropped"))
    left = {name: path for name, path in files.items() if name not in meeting.both}
    if not left:
        raise HcutalError(f"{LABELS / dropped}: names all {len(files)} recordings; expected one that stays")
    return left


def features(recordings: Path, target: Path, params: RecordingsFeatures) -> None:
    """Make a feature store at `target` of the files that recordings/index.csv lists."""
    files = read_index(recordings)
    recipe = Recipe(params.extractor, params.values).settled(files.values())
    make_store(
        recipe,
        files,
        target,
        EXTRACTED / target.name,
        _workers(params, len(files), recipe),
        params.threads,
        params.max_failed,
        read_durations(recordings),
    )


def extract_shard(recordings: Path, target: Path, params: RecordingsFeatures, shard: int) -> None:
    """Extract one of `params.shards` parts into the cache, from which `features` then takes it.

    A recording that fails is tried again there, and counted.
    """
    files = read_index(recordings)
    durations = read_durations(recordings)
    chosen = scatter(durations, params.shards)[shard]
    recipe = Recipe(params.extractor, params.values).settled(files.values())
    extract_many(
        recipe,
        {name: files[name] for name in chosen},
        EXTRACTED / target.name,
        _workers(params, len(chosen), recipe),
        params.threads,
        durations,
    )


def _workers(params: RecordingsFeatures, recordings: int, recipe: Recipe) -> int:
    return count_workers(params.workers, params.threads, recordings, recipe, params.memory_mb)


def scatter(durations: Mapping[str, float], shards: int) -> list[list[str]]:
    """Parts that take about the same time: the longest first, each to the part that has least (LPT rule).

    A duration that is not known counts as the median of the others.
    """
    known = [seconds for seconds in durations.values() if np.isfinite(seconds)]
    median = float(np.median(known)) if known else 1.0
    length = {name: seconds if np.isfinite(seconds) else median for name, seconds in durations.items()}
    parts: list[list[str]] = [[] for _ in range(shards)]
    load = [(0.0, shard) for shard in range(shards)]
    for name in sorted(length, key=lambda name: (-length[name], name)):
        total, shard = heapq.heappop(load)
        parts[shard].append(name)
        heapq.heappush(load, (total + length[name], shard))
    return parts


def read_index(recordings: Path) -> dict[str, Path]:
    """The file of each recording, in the order of recordings/index.csv."""
    table = read_table(recordings / RECORDINGS_INDEX, {"video": str, "path": str})
    return dict(zip(table["video"], map(Path, table["path"]), strict=True))


def read_durations(recordings: Path) -> dict[str, float]:
    """Seconds of each recording, NaN where they are not known."""
    table = read_table(recordings / RECORDINGS_INDEX, {"video": str, "duration": float})
    return dict(zip(table["video"], table["duration"].tolist(), strict=True))


def _probe(extractor: Extractor, path: Path) -> float:
    try:
        return extractor.probe(path)
    except HcutalError as error:
        log.warning("%s", error)
    # As in extraction: decoders and extractors of others raise anything.
    except Exception as error:
        log.warning("%s: %s: %s", path, type(error).__name__, error)
    return float("nan")


def _annotated(videos: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, Annotations]:
    """The list of videos with their subsets, and what is annotated of them.

    Those that are not annotated are trained on. Where the file has no training or no test recordings among
    them, all are both. The list knows nothing of instances; the annotations of a recording whose duration is not
    known reach to its last one.
    """
    recorded = list(videos["video"])
    known = read_annotations(path, wanted=recorded).select(recorded)
    named = list(database_of(path, read_unique_json(path)))
    if known.videos.empty:
        raise HcutalError(
            f"{path}: none of its videos is among the recordings; its first is called {named[0]!r}, "
            f"the first recording {videos['video'].iloc[0]!r}"
        )
    meeting = Meeting.of(recorded, named)
    if meeting.first or meeting.second:
        log.warning("%s: %s", path, meeting.counts("recorded", "annotated"))
    subset = videos["video"].map(known.videos.set_index("video")["subset"]).fillna("train")
    if not {"train", "test"} <= set(subset):
        subset = pd.Series("both", index=videos.index)
    listed = videos.assign(subset=subset)
    annotated = listed[listed["video"].isin(known.videos["video"])]
    last = by_video(known.instances.groupby("video")["end"].max())
    refuse_contradictions(path, last, by_video(annotated.set_index("video")["duration"]))
    return listed, Annotations(
        annotated.assign(duration=annotated["duration"].fillna(annotated["video"].map(last))), known.instances
    )


def refuse_contradictions(path: object, last: Mapping[str, float], durations: Mapping[str, float]) -> None:
    """Raise `HcutalError` where instances end (`last`, s) after their recordings (s, NaN where unknown)."""
    check_unit(last, durations).refuse(path, "annotations")
    late = [
        f"{name} lasts {durations[name]:g} s, annotated to {end:g} s"
        for name, end in last.items()
        if end > durations.get(name, np.nan) + TOLERANCE
    ]
    if late:
        raise HcutalError(
            f"{path}: instances of {len(late)} recordings end after them: {some(late)}; expected seconds in these very "
            "files (cut short, or another frame rate?)"
        )
