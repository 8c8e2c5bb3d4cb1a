"""Segments from the tools in which people annotate: ELAN, Audacity, BORIS, Label Studio, VIA, tables.

Which tool it was is told by the end of the file, and of JSON by its keys. Events without a length (points) are no
segments: they are left out and counted.
"""

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hcutal.data.annotation_table import is_annotation_table, read_annotation_table
from hcutal.data.boris_project import read_boris
from hcutal.data.label_studio_tasks import read_label_studio
from hcutal.data.meeting import plain
from hcutal.data.tool_rows import POINTS, ToolRow, ToolRows, Units, recording_name
from hcutal.data.via_project import EXPORTED, is_via, read_via, read_via_table
from hcutal.errors import HcutalError

# What an export of hcutal calls a recording: a property of ELAN's.
RECORDING = "hcutal.recording"
PACKED = ".boris.gz"


def read_tool(path: Path, units: Units) -> ToolRows:
    """The segments in a file of an annotation tool; `HcutalError` says what is wrong with it."""
    reader = READERS.get(PACKED if path.name.lower().endswith(PACKED) else path.suffix.lower())
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


def is_tool_file(path: Path) -> bool:
    """Whether a file is an annotation tool's: by its end, JSON by its keys, tables by their columns, text by its lines.

    JSON in ActivityNet's form, lists of names and tables of sensors are none.
    """
    suffix = PACKED if path.name.lower().endswith(PACKED) else path.suffix.lower()
    if suffix not in READERS or not path.is_file():
        return False
    try:
        if suffix == ".json":
            content = _json(path)
            return isinstance(content, list) or is_via(content)
        if suffix == ".txt":
            first = next((line for line in _text(path).splitlines() if line.strip()), "").split("\t")
            return len(first) > 2 and _is_number(first[0]) and _is_number(first[1])
        return suffix not in (".csv", ".tsv") or _is_of_via(path) or is_annotation_table(path)
    except HcutalError:
        return False


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
    return read_boris(path, _json(path))


def _json_tool(path: Path, units: Units) -> ToolRows:
    """A project of VIA, or an export of Label Studio."""
    content = _json(path)
    return read_via(content) if is_via(content) else read_label_studio(path, content, units)


def _table(path: Path, units: Units) -> ToolRows:
    """A table that VIA exported, or one with columns by their names."""
    return read_via_table(_text(path)) if _is_of_via(path) else read_annotation_table(path, units)


def _is_of_via(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(100).removeprefix(b"\xef\xbb\xbf").startswith(EXPORTED)


def _text(path: Path) -> str:
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            return stream.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HcutalError(f"{path}: not UTF-8 text ({error})") from None
    except (OSError, EOFError, zlib.error) as error:
        raise HcutalError(f"{path}: cannot be read ({error})") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise HcutalError(f"{path}: not JSON ({error})") from None


READERS: dict[str, Callable[[Path, Units], ToolRows]] = {
    ".eaf": _elan,
    ".txt": _audacity,
    ".boris": _boris,
    PACKED: _boris,
    ".json": _json_tool,
    ".csv": _table,
    ".tsv": read_annotation_table,
}
