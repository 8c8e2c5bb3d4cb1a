"""Files of annotation tools as one file of annotations in ActivityNet's form."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hcutal.data.annotation_tools import read_tool
from hcutal.data.problems import some
from hcutal.data.tool_rows import Units
from hcutal.errors import HcutalError
from hcutal.files import write_json


def convert(files: Iterable[Path], out: Path, units: Units) -> list[str]:
    """Write the segments of all `files` to `out`, each recording in the subset `both`; what was done, in lines.

    Raises `HcutalError` where a file cannot be read, two files are of one recording, or there is no segment.
    """
    said: list[str] = []
    database: dict[str, Any] = {}
    source: dict[str, Path] = {}
    for path in files:
        found = read_tool(path, units)
        left_out = "".join(f"; left out: {count} {kind}" for kind, count in found.left_out.items())
        said.append(f"{path}: read as {found.form}, {len(found.rows)} segments{left_out}")
        for video in dict.fromkeys([*(row.video for row in found.rows), *found.durations]):
            if source.setdefault(video, path) != path:
                raise HcutalError(
                    f"{path}: {video} is in {source[video]} as well; expected each recording once"
                )
            entry: dict[str, Any] = {"subset": "both"}
            if video in found.durations:
                entry["duration"] = found.durations[video]
            database[video] = {**entry, "annotations": []}
        for row in sorted(found.rows):
            database[row.video]["annotations"].append({"segment": [row.start, row.end], "label": row.label})
    labels = sorted({each["label"] for entry in database.values() for each in entry["annotations"]})
    if not labels:
        raise HcutalError("no segment in any of the files: " + "; ".join(said))
    write_json(out, {"version": "1.0", "database": database})
    said.append(
        f"{out}: {len(database)} recordings ({some(database)}), {len(labels)} labels ({some(labels, 10)})"
    )
    return said
