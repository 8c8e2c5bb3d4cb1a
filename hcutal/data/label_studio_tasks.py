"""Segments from an export of Label Studio, as JSON or JSON-MIN: its regions in time."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hcutal.data.meeting import plain
from hcutal.data.tool_rows import ToolRow, ToolRows, Units, recording_name
from hcutal.errors import HcutalError

# What an export of hcutal calls a recording: a key of the data of a task.
TASK_RECORDING = "recording"
# What Label Studio puts before the names of files that are uploaded.
UPLOAD, PREFIX = "/data/upload/", re.compile(r"[0-9a-f]{8}-(?=.)")


def read_label_studio(path: Path, tasks: Any, units: Units) -> ToolRows:
    """Read the first annotation of each task that was not cancelled."""
    if isinstance(tasks, dict) and "database" in tasks:
        raise HcutalError(f"{path}: is in ActivityNet's form already")
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise HcutalError(
            f"{path}: expected an export of Label Studio, a list of tasks with data, or a project of VIA 3"
        )
    found = ToolRows("an export of Label Studio")
    for number, task in enumerate(tasks):
        where = f"{path}: task {task.get('id', number)}"
        whole = task if "data" in task else _whole(task)
        data = whole["data"]
        done = [each for each in whole.get("annotations", []) if not each.get("was_cancelled")]
        for _ in done[1:]:
            found.leave_out("annotations of a second person")
        video = _recording(where, data, whole.get("file_upload"))
        fps = data.get("fps")
        frames = Units("frames", units.fps or (float(fps) if fps else None))
        for region in (done[0] if done else {}).get("result", []):
            _add_region(region, video, frames, where, found)
    return found


def _whole(task: Mapping[str, Any]) -> dict[str, Any]:
    """A task of JSON-MIN, which has values and regions beside each other, as one of JSON."""
    regions = [
        {"type": next((key for key in value if key.endswith("labels")), None), "value": value}
        for found in task.values()
        if isinstance(found, list)
        for value in found
        if isinstance(value, dict)
    ]
    return {"data": dict(task), "annotations": [{"result": regions}]}


def _recording(where: str, data: Mapping[str, Any], uploaded: Any) -> str:
    said = data.get(TASK_RECORDING)
    if isinstance(said, str) and said:
        return plain(said)
    if not uploaded:
        # Dates of JSON-MIN stand behind the values of the task.
        uploaded = next((value for value in data.values() if isinstance(value, str) and value), None)
        if uploaded is None:
            raise HcutalError(f"{where}: its data name no file")
        if UPLOAD not in uploaded:
            return recording_name(uploaded)
    return PREFIX.sub("", recording_name(str(uploaded)), count=1)


def _add_region(region: Mapping[str, Any], video: str, frames: Units, where: str, found: ToolRows) -> None:
    kind, value = region.get("type"), region.get("value", {})
    labels = value.get(kind, []) if isinstance(kind, str) else []
    if not labels or not ("ranges" in value or {"start", "end"} <= value.keys()):
        found.leave_out("regions of another kind")
        return
    if "ranges" in value:
        # Frames from 1 on, the last included.
        spans = [
            (frames.seconds(each["start"] - 1, where), frames.seconds(each["end"], where))
            for each in value["ranges"]
        ]
    else:
        spans = [(float(value["start"]), float(value["end"]))]
    found.rows += [ToolRow(video, start, end, plain(label)) for start, end in spans for label in labels]
