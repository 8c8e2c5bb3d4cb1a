"""Segments from the tools in which people annotate: ELAN, Audacity, BORIS, Label Studio, VIA, tables.

Which tool it was is told by the end of the file, and of JSON by its keys. Events without a length (points) are no
segments: they are left out and counted.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hcutal.data.annotation_table import read_annotation_table
from hcutal.data.meeting import plain
from hcutal.data.tool_rows import ToolRow, ToolRows, Units, paired, recording_name
from hcutal.data.via_project import is_via, read_via
from hcutal.errors import HcutalError

POINTS = "events without a length"
# What an export of hcutal calls a recording: a property of ELAN's, a key of the data of a task of Label Studio's.
RECORDING, TASK_RECORDING = "hcutal.recording", "recording"


def read_tool(path: Path, units: Units) -> ToolRows:
    """The segments in a file of an annotation tool; `HcutalError` says what is wrong with it."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise HcutalError(f"{path}: not known; expected {', '.join(READERS)}")
    if not path.is_file():
        raise HcutalError(f"{path}: no such file")
    try:
        found = reader(path, units)
    except HcutalError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise HcutalError(f"{path}: of another form than that of the tool ({error!r})") from None
    for row in found.rows:
        if row.end < row.start:
            raise HcutalError(f"{path}: {row.video}: {row.label} ends at {row.end:g} s, before its start")
    points = [row for row in found.rows if row.end == row.start]
    for _ in points:
        found.leave_out(POINTS)
    found.rows = [row for row in found.rows if row.end > row.start]
    return found


def _elan(path: Path, units: Units) -> ToolRows:
    """ELAN: the value of an annotation is its label; where a tier's values are empty or numbers, the tier's name is."""
    try:
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError) as error:
        raise HcutalError(f"{path}: not an ELAN document ({error})") from None
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    # Two films of the same name in two folders are told apart by what hcutal itself called them.
    said = root.find(f"HEADER/PROPERTY[@NAME='{RECORDING}']")
    if said is not None and said.text:
        video = plain(said.text)
    else:
        video = recording_name(str(media.get("MEDIA_URL"))) if media is not None else plain(path.stem)
    slots = {slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
    found = ToolRows("ELAN")
    for tier in root.iter("TIER"):
        rows = [
            (slots.get(each.get("TIME_SLOT_REF1")), slots.get(each.get("TIME_SLOT_REF2")), _value(each))
            for each in tier.iter("ALIGNABLE_ANNOTATION")
        ]
        name = str(tier.get("TIER_ID")).partition(" (")[0]
        is_named = any(value and not _is_number(value) for _, _, value in rows)
        for first, last, value in rows:
            if first is None or last is None or (is_named and not value):
                found.leave_out("annotations without times or a value")
            else:
                label = plain(value if is_named else name)
                found.rows.append(ToolRow(video, int(first) / 1000, int(last) / 1000, label))
        for _ in tier.iter("REF_ANNOTATION"):
            found.leave_out("annotations of other annotations")
    return found


def _value(annotation: ElementTree.Element) -> str:
    return (annotation.findtext("ANNOTATION_VALUE") or "").strip()


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _audacity(path: Path, units: Units) -> ToolRows:
    found = ToolRows("Audacity's labels")
    for number, line in enumerate(_text(path).splitlines(), 1):
        # Lines of frequencies follow some labels.
        if not line.strip() or line.startswith("\\"):
            continue
        parts = line.split("\t")
        where = f"{path}: line {number}"
        if len(parts) < 3 or not plain(parts[2]):
            raise HcutalError(f"{where}: found {line!r}; expected start, end and a label, apart by tabs")
        start, end = (units.seconds(part, where) for part in parts[:2])
        found.rows.append(ToolRow(plain(path.stem), start, end, plain(parts[2])))
    return found


def _boris(path: Path, units: Units) -> ToolRows:
    """A project of BORIS: the first film of each observation, the state events in pairs."""
    data = _json(path)
    observations = data.get("observations") if isinstance(data, dict) else None
    if not isinstance(observations, dict):
        raise HcutalError(f"{path}: no observations; expected a project of BORIS")
    kinds = {
        each.get("code"): str(each.get("type", "")).lower()
        for each in data.get("behaviors_conf", {}).values()
    }
    found = ToolRows("a project of BORIS")
    for name, observation in observations.items():
        films = [film for film in observation.get("file", {}).get("1", []) if film]
        if len(films) > 1:
            raise HcutalError(
                f"{path}: observation {name} has {len(films)} films in a row; expected one each"
            )
        video = recording_name(films[0]) if films else plain(name)
        length = observation.get("media_info", {}).get("length", {}).get(films[0] if films else "")
        if length:
            found.durations[video] = float(length)
        events = []
        for time, subject, code, modifiers, *_ in observation.get("events", []):
            if kinds.get(code, "state").startswith("point"):
                found.leave_out(POINTS)
            else:
                key = (str(subject), str(code), str(modifiers))
                events.append((float(time), key, plain(str(code))))
        paired(path, events, found, video)
    return found


def _json_tool(path: Path, units: Units) -> ToolRows:
    """A project of VIA, or an export of Label Studio."""
    content = _json(path)
    return read_via(content) if is_via(content) else _label_studio(path, content, units)


def _label_studio(path: Path, tasks: Any, units: Units) -> ToolRows:
    """An export of Label Studio: the first annotation of each task that was not cancelled."""
    if isinstance(tasks, dict) and "database" in tasks:
        raise HcutalError(f"{path}: is in ActivityNet's form already")
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and "data" in task for task in tasks):
        raise HcutalError(
            f"{path}: expected an export of Label Studio, a list of tasks with data, or a project of VIA 3"
        )
    found = ToolRows("an export of Label Studio")
    for number, task in enumerate(tasks):
        where = f"{path}: task {task.get('id', number)}"
        data = task["data"]
        said = data.get(TASK_RECORDING)
        media = [
            value for key, value in data.items() if isinstance(value, str) and value and key != TASK_RECORDING
        ]
        if not media:
            raise HcutalError(f"{where}: its data name no file")
        done = [each for each in task.get("annotations", []) if not each.get("was_cancelled")]
        for _ in done[1:]:
            found.leave_out("annotations of a second person")
        of_file = str(task.get("file_upload") or media[0])
        video = plain(said) if isinstance(said, str) and said else recording_name(of_file)
        fps = data.get("fps")
        for region in (done[0] if done else {}).get("result", []):
            _add_region(
                region, video, Units("frames", units.fps or (float(fps) if fps else None)), where, found
            )
    return found


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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise HcutalError(f"{path}: not UTF-8 text ({error})") from None
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise HcutalError(f"{path}: not JSON ({error})") from None


READERS: dict[str, Callable[[Path, Units], ToolRows]] = {
    ".eaf": _elan,
    ".txt": _audacity,
    ".boris": _boris,
    ".json": _json_tool,
    ".csv": read_annotation_table,
    ".tsv": read_annotation_table,
}
