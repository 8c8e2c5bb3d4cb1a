"""VIA, the VGG Image Annotator 3: segments of films, by the attributes that were given to them.

Its projects are JSON; what it exports as CSV has them in comments and rows of JSON.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hcutal.data.meeting import plain
from hcutal.data.tool_rows import ToolRow, ToolRows, recording_name

KEYS = {"project", "attribute", "file", "metadata", "view"}
CHECKBOX = 2
# How tables begin that it exports.
EXPORTED = b"# Exported using VGG Image Annotator"


def is_via(content: Any) -> bool:
    """Whether JSON is a project of VIA 3.

    >>> is_via({"project": {}, "attribute": {}, "file": {}, "metadata": {}, "view": {}}), is_via([])
    (True, False)
    """
    return isinstance(content, dict) and content.keys() >= KEYS


def read_via(content: Mapping[str, Any]) -> ToolRows:
    """The segments of a project: records with a start and an end (s) and no region; a label each.

    Of several attributes of a segment the first one in the project is its label. Any exception of a dictionary or of a
    number says that the project is damaged.
    """
    found = ToolRows("a project of VIA")
    files = {view: content["file"][str(each["fid_list"][0])] for view, each in content["view"].items()}
    for record in content["metadata"].values():
        name = str(files[str(record["vid"])]["fname"])
        _add(found, name, record["z"], record["xy"], record["av"], content["attribute"])
    return found


def read_via_table(text: str) -> ToolRows:
    """The same of a table that VIA exported: a row a record, whose lists and values of attributes are JSON.

    A comment names the columns; some tables have times as two of them, and no regions. Where no comment has the options
    of the attributes, values are labels as they stand. Exceptions as of `read_via`.
    """
    found = ToolRows("a table of VIA")
    lines = text.splitlines()
    said = dict(line.removeprefix("# ").partition(" = ")[::2] for line in lines if line.startswith("# "))
    columns = [name.strip() for name in said["CSV_HEADER"].split(",")]
    attributes = json.loads(said.get("ATTRIBUTE", "{}"))
    for fields in csv.reader(line for line in lines if line.strip() and not line.startswith("#")):
        row = dict(zip(columns, fields, strict=False))
        if "temporal_coordinates" in row:
            times, region = json.loads(row["temporal_coordinates"]), json.loads(row["spatial_coordinates"])
        else:
            times, region = [row["temporal_segment_start"], row["temporal_segment_end"]], []
        values = json.loads(row["metadata"])
        known = attributes or {key: {} for key in values}
        _add(found, str(json.loads(row["file_list"])[0]), times, region, values, known)
    return found


def _add(
    found: ToolRows,
    file: str,
    times: Sequence[Any],
    region: Sequence[Any],
    values: Mapping[str, Any],
    attributes: Mapping[str, Any],
) -> None:
    """Add the segments of a record, one a label, or count what it is else."""
    if region or len(times) != 2:
        found.leave_out("regions and single times")
        return
    labels, others = _labels(values, attributes)
    if not labels:
        found.leave_out("segments without a label")
    for _ in range(others):
        found.leave_out("further attributes of segments")
    video = recording_name(file)
    found.rows += [ToolRow(video, float(times[0]), float(times[1]), label) for label in labels]


def _labels(values: Mapping[str, Any], attributes: Mapping[str, Any]) -> tuple[list[str], int]:
    """The labels of the first attribute with a value, and how many others have one."""
    given = [
        labels
        for key in attributes
        if key in values and (labels := list(_texts(values[key], attributes[key])))
    ]
    return (given[0], len(given) - 1) if given else ([], 0)


def _texts(value: Any, attribute: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a value: itself, or those of the options that it names."""
    options = attribute.get("options") or {}
    chosen = str(value).split(",") if attribute.get("type") == CHECKBOX else [str(value)]
    for one in chosen:
        text = plain(str(options.get(one.strip(), one)))
        if text:
            yield text
