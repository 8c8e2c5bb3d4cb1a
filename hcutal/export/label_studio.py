"""Tasks with predictions as Label Studio imports them, and the labelling configuration that they go with.

A segment is a region of TimelineLabels on a Video. Such regions count frames, from 1 and with the last included;
the configuration takes the frames a second from the task (`frameRate="$fps"`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from hcutal.data.label_studio_tasks import TASK_RECORDING
from hcutal.export.plain_text import xml_text
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.files import atomic_path, write_json

CONTROL, VIDEO = "actions", "video"


def write_label_studio(
    path: Path,
    recording: SegmentedRecording,
    media_url: str = "",
    version: str = "hcutal",
    address: str | None = None,
) -> None:
    """Write a list of one task, which names the recording beside its address.

    media_url: put before the address, as Label Studio opens no local path, e.g. /data/local-files/?d=videos/;
    version: what made the predictions; address: of the file, percent-encoded; None for its name.
    """
    file = quote(recording.media.name if recording.media else recording.name) if address is None else address
    regions = [
        _region(number, recording.fps, *row)
        for number, row in enumerate(recording.segments.itertuples(index=False, name=None))
    ]
    prediction: dict[str, Any] = {"model_version": version, "result": regions}
    if regions:
        prediction["score"] = float(recording.segments["score"].mean())
    data = {VIDEO: media_url + file, "fps": recording.fps, TASK_RECORDING: recording.name}
    task = {"data": data, "predictions": [prediction]}
    write_json(path, [task])


def _region(number: int, fps: float, start: float, end: float, label: str, score: float) -> dict[str, Any]:
    # A hair more, since 2.8 * 25 is just below 70.
    first = int(start * fps + 1e-6) + 1
    return {
        "id": f"segment-{number}",
        "from_name": CONTROL,
        "to_name": VIDEO,
        "type": "timelinelabels",
        "score": score,
        "value": {
            "ranges": [{"start": first, "end": max(round(end * fps), first)}],
            "timelinelabels": [xml_text(label)],
        },
    }


def write_configuration(path: Path, colours: Mapping[str, str]) -> None:
    """Write the labelling configuration for classes in their colours."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(
        view, "Video", name=VIDEO, value=f"${VIDEO}", frameRate="$fps", timelineHeight="120"
    )
    labels = ElementTree.SubElement(view, "TimelineLabels", name=CONTROL, toName=VIDEO)
    for label, colour in colours.items():
        ElementTree.SubElement(labels, "Label", value=xml_text(label), background=colour)
    ElementTree.indent(view)
    with atomic_path(path) as temporary:
        temporary.write_text(ElementTree.tostring(view, encoding="unicode") + "\n", encoding="utf-8")
