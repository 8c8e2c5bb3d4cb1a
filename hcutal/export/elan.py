"""ELAN's annotation format (EAF 3.0, https://www.mpi.nl/tools/elan/EAFv3.0.xsd): a tier a class, times in ms."""

import mimetypes
import os
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import pandas as pd

from hcutal import __version__
from hcutal.export.plain_text import xml_text
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.files import atomic_path

KIND = "segment"
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
# Kinds of films that Python does not know everywhere.
KINDS = {".mkv": "video/x-matroska", ".flv": "video/x-flv", ".mts": "video/mp2t", ".m2ts": "video/mp2t"}


def write_elan(path: Path, recording: SegmentedRecording) -> None:
    """Write an annotation for each segment, its score as the value, in the tier of its class.

    Annotations of a tier may not overlap in ELAN: where segments of a class do, there are further tiers
    `CLASS (2)`, and so on. The document is dated like the recording's file, so that the same gives the same bytes.
    """
    root = Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": f"hcutal {__version__}",
            "DATE": _date(recording.media),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": SCHEMA,
        },
    )
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    if recording.media and (kind := media_kind(recording.media)):
        SubElement(header, "MEDIA_DESCRIPTOR", _media(recording.media, kind, path))
    table = _in_tiers(recording.segments)
    SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId").text = str(len(table))
    _add_times(root, table)
    for tier, rows in table.groupby("tier", sort=True):
        _add_tier(root, str(tier), rows)
    SubElement(
        root, "LINGUISTIC_TYPE", LINGUISTIC_TYPE_ID=KIND, TIME_ALIGNABLE="true", GRAPHIC_REFERENCES="false"
    )
    ElementTree.indent(root)
    with atomic_path(path) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="UTF-8", xml_declaration=True)


def _in_tiers(segments: pd.DataFrame) -> pd.DataFrame:
    """Columns first, last (ms, last above first), score, tier; in the order of the segments."""
    first = (1000 * segments["start"]).round().astype(int)
    last = np.maximum((1000 * segments["end"]).round().astype(int), first + 1)
    free: dict[tuple[str, int], int] = {}
    tiers = []
    for label, begin, end in zip(segments["label"], first, last, strict=True):
        row = next(row for row in range(len(segments)) if free.get((label, row), 0) <= begin)
        free[label, row] = end
        tiers.append(xml_text(f"{label} ({row + 1})" if row else label))
    return pd.DataFrame({"first": first, "last": last, "score": segments["score"], "tier": tiers})


def _add_times(root: Element, table: pd.DataFrame) -> None:
    """Two slots a segment, 2n + 1 and 2n + 2 for the n-th; they stand in the order of time."""
    order = SubElement(root, "TIME_ORDER")
    times = table[["first", "last"]].to_numpy().ravel()
    for slot in np.argsort(times, kind="stable"):
        SubElement(order, "TIME_SLOT", TIME_SLOT_ID=f"ts{slot + 1}", TIME_VALUE=str(times[slot]))


def _add_tier(root: Element, name: str, rows: pd.DataFrame) -> None:
    tier = SubElement(root, "TIER", TIER_ID=name, LINGUISTIC_TYPE_REF=KIND)
    for number, score in rows["score"].items():
        index = int(str(number))
        annotation = SubElement(
            SubElement(tier, "ANNOTATION"),
            "ALIGNABLE_ANNOTATION",
            ANNOTATION_ID=f"a{index + 1}",
            TIME_SLOT_REF1=f"ts{2 * index + 1}",
            TIME_SLOT_REF2=f"ts{2 * index + 2}",
        )
        SubElement(annotation, "ANNOTATION_VALUE").text = f"{score:.3f}"


def media_kind(media: Path) -> str | None:
    """The MIME type of a film or sound; None of other recordings, which ELAN cannot play."""
    kind = KINDS.get(media.suffix.lower()) or mimetypes.guess_type(media.name)[0] or ""
    return kind if kind.startswith(("video/", "audio/")) else None


def _media(media: Path, kind: str, document: Path) -> dict[str, str]:
    relative = Path(os.path.relpath(media, document.parent)).as_posix()
    return {
        "MEDIA_URL": media.resolve().as_uri(),
        "MIME_TYPE": kind,
        "RELATIVE_MEDIA_URL": relative if relative.startswith(".") else f"./{relative}",
    }


def _date(media: Path | None) -> str:
    seconds = media.stat().st_mtime if media else 0.0
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
