"""The features stage of data sets whose recordings an extractor reads, as a whole or a shard at a time."""

import heapq
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from hcutal.cluster.tables import read_table
from hcutal.extract.many import extract_many
from hcutal.extract.registry import Recipe
from hcutal.extract.store import make_store
from hcutal.params.features import RecordingsFeatures, WatchFeatures

CACHE = Path(".hcutal", "extracted")


def extract_watch(recordings: Path, target: Path, params: WatchFeatures) -> None:
    """Make a feature store at `target` of recordings/<name>.npy."""
    files = {path.stem: path for path in sorted(recordings.glob("*.npy"))}
    recipe = Recipe("watch", params.model_dump(mode="json"))
    make_store(recipe, files, target, CACHE / target.name, max_failed=0.0)


def extract_recordings(recordings: Path, target: Path, params: RecordingsFeatures) -> None:
    """Make a feature store at `target` of the files that recordings/index.csv lists."""
    make_store(
        Recipe(params.extractor, params.values),
        read_index(recordings),
        target,
        CACHE / target.name,
        params.workers,
        params.threads,
        params.max_failed,
    )


def extract_shard(recordings: Path, target: Path, params: RecordingsFeatures, shard: int) -> None:
    """Extract one of `params.shards` parts into the cache, from which `extract_recordings` then takes it.

    A recording that fails is tried again there, and counted.
    """
    files = read_index(recordings)
    chosen = scatter(read_durations(recordings), params.shards)[shard]
    recipe = Recipe(params.extractor, params.values)
    extract_many(
        recipe, {name: files[name] for name in chosen}, CACHE / target.name, params.workers, params.threads
    )


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
    table = read_table(recordings / "index.csv", {"video": str, "path": str})
    return dict(zip(table["video"], map(Path, table["path"]), strict=True))


def read_durations(recordings: Path) -> dict[str, float]:
    """Seconds of each recording, NaN where they are not known."""
    table = read_table(recordings / "index.csv", {"video": str, "duration": float})
    return dict(zip(table["video"], table["duration"].tolist(), strict=True))
