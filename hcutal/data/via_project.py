"""Projects of VIA, the VGG Image Annotator 3: segments of films, by the attributes that were given to them."""

from collections.abc import Iterator, Mapping
from typing import Any

from hcutal.data.meeting import plain
from hcutal.data.tool_rows import ToolRow, ToolRows, recording_name

KEYS = {"project", "attribute", "file", "metadata", "view"}
CHECKBOX = 2


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
        times = record["z"]
        if record["xy"] or len(times) != 2:
            found.leave_out("regions and single times")
            continue
        labels, others = _labels(record["av"], content["attribute"])
        if not labels:
            found.leave_out("segments without a label")
        for _ in range(others):
            found.leave_out("further attributes of segments")
        video = recording_name(str(files[str(record["vid"])]["fname"]))
        found.rows += [ToolRow(video, float(times[0]), float(times[1]), label) for label in labels]
    return found


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
