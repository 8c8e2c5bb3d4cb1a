"""Ground truth to evaluate against: whatever form of annotations the field uses, recognised by itself."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from hcutal.data.activitynet import TABLE, is_bmn, read_subsets
from hcutal.data.annotation_records import MALFORMED, Flaw, Records, read_records
from hcutal.data.annotation_tools import is_tool_file
from hcutal.data.annotations import VIDEO_COLUMNS, database_of, instance_table, subset_name
from hcutal.data.class_files import read_class_files
from hcutal.data.meeting import plain, plain_keys
from hcutal.data.thumos14 import AMBIGUOUS, ambiguous_label, is_thumos14
from hcutal.data.unique_json import collector_paused, read_unique_json
from hcutal.data.units import UnitCheck, by_video, check_unit
from hcutal.errors import HcutalError

OWN, ACTIVITYNET, BMN = "database", "activitynet", "bmn"
# Of a video whose subset cannot be read.
UNKNOWN = ""


@dataclass(frozen=True)
class GroundTruth:
    """All annotated videos of a file, with the subsets as the file has them.

    form: `activitynet` (the official file), `bmn`, or `database` (ActivityNet's form otherwise: THUMOS'14 and
    this project's own); dataset: `thumos14` or `activitynet` where it can be told; videos: columns video, subset
    (train, validation, test or both; empty where none can be read) and duration (s, NaN where unknown); instances:
    video, start, end, label, without those of wrong records; flaws: what is wrong with records; ambiguous: instances of
    THUMOS'14 that are no class; last: the last end of each video (s), those of wrong records among them.
    """

    path: Path
    form: str
    dataset: str | None
    videos: pd.DataFrame
    instances: pd.DataFrame
    flaws: list[Flaw]
    ambiguous: pd.DataFrame
    last: Mapping[str, float]

    @cached_property
    def unit(self) -> UnitCheck:
        """Whether the times are seconds, as far as durations are known."""
        return check_unit(self.last, by_video(self.videos.set_index("video")["duration"]))

    def called(self, names: Mapping[str, str]) -> "GroundTruth":
        """The same with other names of videos, of those in `names`."""

        def renamed(table: pd.DataFrame) -> pd.DataFrame:
            return table.assign(video=table["video"].map(lambda video: names.get(video, video)))

        return replace(
            self,
            videos=renamed(self.videos),
            instances=renamed(self.instances),
            ambiguous=renamed(self.ambiguous),
            flaws=[replace(flaw, video=names.get(flaw.video, flaw.video)) for flaw in self.flaws],
            last={names.get(video, video): end for video, end in self.last.items()},
        )

    def among(self, videos: Collection[str]) -> "GroundTruth":
        """The same with the named videos only."""
        kept = set(videos)

        def of_kept(table: pd.DataFrame) -> pd.DataFrame:
            return table[table["video"].isin(kept)].reset_index(drop=True)

        return replace(
            self,
            videos=of_kept(self.videos),
            instances=of_kept(self.instances),
            ambiguous=of_kept(self.ambiguous),
            flaws=[flaw for flaw in self.flaws if flaw.video in kept],
            last={video: end for video, end in self.last.items() if video in kept},
        )


def read_ground_truth(
    path: str | Path, subsets: str | Path | None = None, labels: Collection[str] | None = None
) -> GroundTruth:
    """`parse_ground_truth`; also `HcutalError` for times in another unit than seconds."""
    truth = parse_ground_truth(path, subsets, labels)
    truth.unit.refuse(path, "annotations")
    return truth


def parse_ground_truth(
    path: str | Path, subsets: str | Path | None = None, labels: Collection[str] | None = None
) -> GroundTruth:
    """Read annotations in ActivityNet's form, official or not, in BMN's, or of a folder as THUMOS'14 has them.

    subsets: BMN's table of subsets; `video_info_new.csv` beside the file where it is not given. labels: the
    known ones; of the official form its taxonomy where they are not given, else any. Records of another form, and
    subsets that cannot be read, are flaws. Raises `HcutalError` for other forms, naming the file.
    """
    path = Path(path)
    if path.is_dir():
        return _database(path, read_class_files(path), labels, AMBIGUOUS)
    if path.suffix.lower() != ".json" and is_tool_file(path):
        raise HcutalError(
            f"{path}: of an annotation tool; expected ActivityNet's form: hcutal convert {path} --out gt.json"
        )
    with collector_paused():
        data = read_unique_json(path)
        if is_bmn(data):
            return _bmn(path, data, subsets, labels)
        if isinstance(data, dict) and "database" not in data and data:
            raise HcutalError(
                f"{path}: keys are {', '.join(list(data)[:3])}, ...; expected ActivityNet's form, "
                '{"database": {video: {"subset", "annotations"}}}, or BMN\'s, '
                '{video: {"duration_second", "annotations"}}'
            )
        if subsets is not None:
            raise HcutalError(f"{path}: names the subsets itself; a table of subsets is for BMN's form")
        return _database(path, data, labels)


def _database(
    path: Path, data: Any, labels: Collection[str] | None, ambiguous: str | None = None
) -> GroundTruth:
    database = database_of(path, data)
    taxonomy = _taxonomy(path, data)
    names, flaws = _subsets(path, database)
    known = taxonomy if labels is None else labels
    records = read_records(path, database, known, ambiguous=ambiguous or ambiguous_label(database))
    official = taxonomy is not None or re.match(r"VERSION 1\.\d", str(data.get("version")))
    dataset = "activitynet" if official else "thumos14" if is_thumos14(database) else None
    return _ground_truth(path, ACTIVITYNET if official else OWN, dataset, records, names, flaws)


def _subsets(path: Path, database: Mapping[str, Any]) -> tuple[dict[str, str], list[Flaw]]:
    names, flaws = {}, []
    for video, entry in database.items():
        try:
            names[video] = subset_name(path, video, entry)
        except HcutalError as error:
            names[video] = UNKNOWN
            flaws.append(Flaw(video, MALFORMED, str(error)))
    return names, flaws


def _taxonomy(path: Path, data: Mapping[str, Any]) -> set[str] | None:
    """The names in the official file's tree of activities; None without one, or for an empty one."""
    nodes = data.get("taxonomy", [])
    if not isinstance(nodes, list) or not all(isinstance(n, dict) and "nodeName" in n for n in nodes):
        raise HcutalError(f"{path}: taxonomy cannot be read; expected a list of objects with nodeName")
    return {plain(str(node["nodeName"])) for node in nodes} or None


def _bmn(
    path: Path, data: dict[str, Any], subsets: str | Path | None, labels: Collection[str] | None
) -> GroundTruth:
    table = path.parent / TABLE if subsets is None else Path(subsets)
    if subsets is None and not table.exists():
        raise HcutalError(
            f"{path}: BMN's form does not say which subset a video belongs to, and there is no {TABLE} beside it; "
            "expected the table of subsets (--subsets)"
        )
    data = plain_keys(data, path)
    names = read_subsets(table, data)
    records = read_records(path, data, labels, "duration_second")
    return _ground_truth(path, BMN, "activitynet", records, names)


def _ground_truth(
    path: Path,
    form: str,
    dataset: str | None,
    records: Records,
    names: Mapping[str, str],
    flaws: Sequence[Flaw] = (),
) -> GroundTruth:
    videos = [(video, names[video], duration) for video, _, duration in records.videos]
    return GroundTruth(
        path=path,
        form=form,
        dataset=dataset,
        videos=pd.DataFrame(videos, columns=VIDEO_COLUMNS),
        instances=instance_table(records.instances),
        flaws=[*flaws, *records.flaws],
        ambiguous=instance_table(records.ambiguous),
        last=records.last,
    )
