"""Temporal annotations in ActivityNet's form, in the variants that the field uses."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json

VIDEO_COLUMNS = ["video", "subset", "duration"]
INSTANCE_COLUMNS = ["video", "start", "end", "label"]
TRAIN_NAMES = frozenset({"train", "training"})
VALIDATION_NAMES = frozenset({"validation", "val"})
TEST_NAMES = frozenset({"test", "testing"})
# Ends are rounded to whole seconds at worst (ActivityNet): an end may pass the duration by so much.
TOLERANCE = 1.0


@dataclass(frozen=True)
class Annotations:
    """Videos and their action instances; times in seconds, subsets `train` and `test`.

    `videos` has the columns video, subset, duration (NaN where it is unknown), one row a video; `instances`
    has video, start, end, label.
    """

    videos: pd.DataFrame
    instances: pd.DataFrame

    @property
    def classes(self) -> list[str]:
        """The labels that occur, sorted."""
        return sorted(self.instances["label"].unique())

    def labels(self) -> dict[str, list[str]]:
        """Sorted labels of every video, in the order of `videos`; an empty list where nothing happens."""
        found = self.instances.groupby("video")["label"].unique()
        return {video: sorted(found.get(video, [])) for video in self.videos["video"]}

    def select(self, videos: Collection[str]) -> "Annotations":
        """The same with the named videos only."""
        kept = set(videos)
        return Annotations(
            self.videos[self.videos["video"].isin(kept)].reset_index(drop=True),
            self.instances[self.instances["video"].isin(kept)].reset_index(drop=True),
        )


def read_annotations(path: str | Path, labels: Collection[str] | None = None) -> Annotations:
    """Read `{"database": {video: {"subset", "duration", "annotations": [{"segment", "label"}]}}}`.

    Segments may be numbers or strings, the duration may be missing. Subset names: train or training,
    validation, test or testing in any case. 'validation' is what is evaluated where there is a training
    subset (ActivityNet), and what is trained on where there is none (THUMOS'14). Segments without length,
    which ActivityNet has a few of, are left out. `labels` restricts the labels that are allowed.

    Raises `HcutalError` naming file, video and record: malformed or duplicate videos, a segment that is
    negative, ends before it starts or ends after the video, an unknown label or subset.
    """
    data = read_json(path)
    database = data.get("database") if isinstance(data, dict) else None
    if not isinstance(database, dict) or not database:
        raise HcutalError(f'{path}: no "database" with videos; expected {{"database": {{video: {{...}}}}}}')
    _refuse_duplicates(path)
    roles = _subset_roles(path, database)
    videos, instances = [], []
    for video, entry in database.items():
        where = f"{path}: {video}"
        duration = (
            _seconds(entry["duration"], f"{where}: duration")
            if entry.get("duration") is not None
            else math.nan
        )
        if duration <= 0:
            raise HcutalError(f"{where}: duration is {duration:g}; expected more than 0 s")
        videos.append((video, roles[str(entry["subset"]).lower()], duration))
        for number, record in enumerate(_records(entry, where)):
            start, end, label = _instance(record, duration, labels, f"{where}: annotations[{number}]")
            if end > start:
                instances.append((video, start, end, label))
    return Annotations(
        pd.DataFrame(videos, columns=VIDEO_COLUMNS),
        pd.DataFrame(instances, columns=INSTANCE_COLUMNS).astype(
            {"start": float, "end": float, "label": str}
        ),
    )


def write_annotations(path: str | Path, annotations: Annotations) -> None:
    """Write ActivityNet's form; instances keep their order."""
    records: dict[str, list[dict[str, Any]]] = {video: [] for video in annotations.videos["video"]}
    for video, start, end, label in annotations.instances[INSTANCE_COLUMNS].itertuples(index=False):
        records[video].append({"segment": [start, end], "label": label})
    database = {
        video: {"subset": subset, "duration": duration, "annotations": records[video]}
        for video, subset, duration in annotations.videos[VIDEO_COLUMNS].itertuples(index=False)
    }
    write_json(path, {"version": "1.0", "database": database})


def _refuse_duplicates(path: str | Path) -> None:
    def check(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = dict(pairs)
        if len(keys) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise HcutalError(
                f"{path}: {twice}: occurs twice in one object; expected each video and key once"
            )
        return keys

    # A JSON reader keeps the last of several equal keys without a word.
    json.loads(Path(path).read_bytes(), object_pairs_hook=check)


def _subset_roles(path: str | Path, database: Mapping[str, Any]) -> dict[str, str]:
    for video, entry in database.items():
        if not isinstance(entry, dict) or "subset" not in entry:
            raise HcutalError(f"{path}: {video}: no subset; expected an object with subset and annotations")
        if str(entry["subset"]).lower() not in TRAIN_NAMES | VALIDATION_NAMES | TEST_NAMES:
            raise HcutalError(
                f"{path}: {video}: subset is {entry['subset']!r}; "
                "expected train, training, validation, test or testing"
            )
    names = {str(entry["subset"]).lower() for entry in database.values()}
    validation = "test" if names & TRAIN_NAMES else "train"
    return {
        **dict.fromkeys(TRAIN_NAMES, "train"),
        **dict.fromkeys(VALIDATION_NAMES, validation),
        **dict.fromkeys(TEST_NAMES, "test"),
    }


def _records(entry: Mapping[str, Any], where: str) -> list[Any]:
    records = entry.get("annotations", [])
    if not isinstance(records, list):
        raise HcutalError(f"{where}: annotations is {type(records).__name__}; expected a list")
    return records


def _instance(
    record: Any, duration: float, labels: Collection[str] | None, where: str
) -> tuple[float, float, str]:
    segment = record.get("segment") if isinstance(record, dict) else None
    if not isinstance(segment, list) or len(segment) != 2:
        raise HcutalError(f"{where}: segment is {segment!r}; expected [start, end]")
    start, end = (_seconds(value, f"{where}: segment") for value in segment)
    label = record.get("label")
    if not isinstance(label, str) or not label:
        raise HcutalError(f"{where}: label is {label!r}; expected a name")
    if labels is not None and label not in labels:
        raise HcutalError(f"{where}: unknown label {label!r}; expected one of {', '.join(sorted(labels))}")
    if start < 0:
        raise HcutalError(f"{where}: starts at {start:g} s; expected 0 or more")
    if end < start:
        raise HcutalError(
            f"{where}: ends at {end:g} s, starts at {start:g} s; expected the end after the start"
        )
    if end > duration + TOLERANCE:
        raise HcutalError(f"{where}: ends at {end:g} s, beyond the video's duration of {duration:g} s")
    return start, end, label


def _seconds(value: Any, where: str) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = math.nan
    if not math.isfinite(seconds) or isinstance(value, bool):
        raise HcutalError(f"{where}: found {value!r}; expected a number of seconds")
    return seconds
