"""ActivityNet's variants: BMN's annotations with their table of subsets, names with and without "v_"."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from hcutal.data.annotations import subset_name
from hcutal.data.meeting import plain
from hcutal.errors import HcutalError
from hcutal.tables import read_table

# The table that comes with BMN's annotations, looked for beside them.
TABLE = "video_info_new.csv"
PREFIX = "v_"


def is_bmn(data: Any) -> bool:
    """Whether this is BMN's form: {video: {"duration_second", "annotations", ...}}."""
    if not isinstance(data, dict) or not data:
        return False
    return all(isinstance(entry, dict) and "duration_second" in entry for entry in data.values())


def read_subsets(path: str | Path, videos: Collection[str]) -> dict[str, str]:
    """The subset of each of `videos` from a CSV with the columns video and subset.

    Raises `HcutalError` naming the file: no such columns, an unknown subset, a video without a row.
    """
    table = read_table(path, {"video": str, "subset": str})
    rows = table.assign(video=table["video"].map(plain)).to_dict("records")
    found = {row["video"]: row for row in rows if row["video"] in videos}
    missing = [video for video in videos if video not in found]
    if missing:
        raise HcutalError(
            f"{path}: no row for {len(missing)} of {len(videos)} annotated videos, the first is {missing[0]}"
        )
    return {video: subset_name(path, video, row) for video, row in found.items()}


def named_alike(names: Sequence[str], known: Collection[str]) -> Mapping[str, str]:
    """The name in `known` of each of `names`: the same, or with "v_" added or taken away in all of them.

    Whichever way more of them are known; as they are where that is as good.
    """
    ways = [
        {name: name for name in names},
        {name: PREFIX + name for name in names},
        {name: name.removeprefix(PREFIX) for name in names},
    ]
    kept = set(known)
    return max(
        (way for way in ways if len(set(way.values())) == len(way)),
        key=lambda way: sum(name in kept for name in way.values()),
    )
