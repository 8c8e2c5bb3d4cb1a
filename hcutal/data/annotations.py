"""Temporal annotations in ActivityNet's form, in the variants that the field uses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hcutal.data.annotation_records import WRONG, read_records, refuse_malformed
from hcutal.data.meeting import plain, plain_keys
from hcutal.data.thumos14 import ambiguous_label
from hcutal.data.unique_json import read_unique_json
from hcutal.errors import HcutalError
from hcutal.files import write_json

VIDEO_COLUMNS = ["video", "subset", "duration"]
INSTANCE_COLUMNS = ["video", "start", "end", "label"]
# The names that occur, and one for each.
SUBSET_NAMES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "val": "validation",
    "test": "test",
    "testing": "test",
    "both": "both",
}


@dataclass(frozen=True)
class Annotations:
    """Videos and their action instances; times in seconds, subsets `train`, `test` and `both`.

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


def read_annotations(
    path: str | Path, labels: Collection[str] | None = None, wanted: Collection[str] | None = None
) -> Annotations:
    """Read `{"database": {video: {"subset", "duration", "annotations": [{"segment", "label"}]}}}`.

    Segments may be numbers or strings, the duration may be missing. Subset names: train or training,
    validation, test or testing, both, in any case. 'validation' is what is evaluated where there is a training
    subset (ActivityNet), and what is trained on where there is none (THUMOS'14). Segments without length,
    which ActivityNet has a few of, are left out, and what THUMOS'14 calls ambiguous. `labels` restricts the labels
    that are allowed, `wanted` the videos whose records must be right. Names of videos and labels are made plain
    (`meeting.plain`).

    Raises `HcutalError` naming file, video and record: malformed or duplicate videos, a segment that is
    negative, ends before it starts or ends after the video, times in another unit than seconds, an unknown label
    or subset.
    """
    database = database_of(path, read_unique_json(path))
    roles = roles_of(_subsets_in(database))
    if wanted is not None:
        kept = {plain(video) for video in wanted}
        database = {video: entry for video, entry in database.items() if video in kept}
    subsets = {video: subset_name(path, video, entry) for video, entry in database.items()}
    records = read_records(path, database, labels, ambiguous=ambiguous_label(database))
    refuse_malformed(records.flaws)
    records.unit.refuse(path, "annotations")
    for flaw in records.flaws:
        if flaw.kind in WRONG:
            raise HcutalError(flaw.message)
    videos = [(video, roles[subsets[video]], duration) for video, _, duration in records.videos]
    return Annotations(
        pd.DataFrame(videos, columns=VIDEO_COLUMNS),
        instance_table([instance for instance in records.instances if instance[2] > instance[1]]),
    )


def database_of(path: str | Path, data: Any) -> dict[str, Any]:
    """The videos of ActivityNet's form; `HcutalError` for another form, and for none."""
    database = data.get("database") if isinstance(data, dict) else None
    if not isinstance(database, dict) or not database:
        raise HcutalError(f'{path}: no "database" with videos; expected {{"database": {{video: {{...}}}}}}')
    return plain_keys(database, path)


def instance_table(rows: Sequence[tuple[str, float, float, str]]) -> pd.DataFrame:
    """Instances as a table with the columns video, start, end, label."""
    return pd.DataFrame(rows, columns=INSTANCE_COLUMNS).astype({"start": float, "end": float, "label": str})


def subset_name(path: str | Path, video: str, entry: Any) -> str:
    """The subset of a video in one word for each: train, validation, test or both."""
    if not isinstance(entry, dict) or "subset" not in entry:
        raise HcutalError(f"{path}: {video}: no subset; expected an object with subset and annotations")
    name = SUBSET_NAMES.get(str(entry["subset"]).lower())
    if name is None:
        raise HcutalError(
            f"{path}: {video}: subset is {entry['subset']!r}; "
            f"expected {', '.join(list(SUBSET_NAMES)[:-1])} or {list(SUBSET_NAMES)[-1]}"
        )
    return name


def _subsets_in(database: Mapping[str, Any]) -> set[str]:
    """The subsets that occur, of videos whose subset can be read."""
    said = (entry.get("subset") for entry in database.values() if isinstance(entry, dict))
    return {SUBSET_NAMES[str(name).lower()] for name in said if str(name).lower() in SUBSET_NAMES}


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


def roles_of(names: Collection[str]) -> dict[str, str]:
    """Who is trained on and who is tested: the role of each subset, where these occur."""
    return {
        "train": "train",
        "validation": "test" if "train" in names else "train",
        "test": "test",
        "both": "both",
    }
