"""ELAN's annotation format (EAF 3.0, https://www.mpi.nl/tools/elan/EAFv3.0.xsd): a tier a class, times in ms."""

import mimetypes
import os
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import pandas as pd

from hcutal import __version__
from hcutal.data.annotation_tools import RECORDING
from hcutal.export.plain_text import xml_text
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.files import atomic_path

KIND = "segment"
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
# When it was made is no part of a document: the same segments give the same bytes.
DATE = "1970-01-01T00:00:00+00:00"
# Kinds of films that Python does not know everywhere.
KINDS = {".mkv": "video/x-matroska", ".flv": "video/x-flv", ".mts": "video/mp2t", ".m2ts": "video/mp2t"}


def write_elan(path: Path, recording: SegmentedRecording, place: Path | None = None) -> None:
    """Write an annotation for each segment, its score as the value, in the tier of its class.

    Annotations of a tier may not overlap in ELAN: where segments of a class do, there are further tiers
    `CLASS (2)`, and so on. place: the folder where the document will stand (default: that of `path`).
    """
    root = Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": f"hcutal {__version__}",
            "DATE": DATE,
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": SCHEMA,
        },
    )
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    if recording.media and (kind := media_kind(recording.media)):
        SubElement(
            header, "MEDIA_DESCRIPTOR", _media(recording.media, kind, path.parent if place is None else place)
        )
    table = _in_tiers(recording.segments)
    SubElement(header, "PROPERTY", NAME=RECORDING).text = xml_text(recording.name)
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


def _media(media: Path, kind: str, folder: Path) -> dict[str, str]:
    """Where the film is; one that is named from the project is so for ELAN as well, and both can be moved."""
    relative = Path(os.path.relpath(media, folder)).as_posix()
    relative = relative if relative.startswith(".") else f"./{relative}"
    return {
        "MEDIA_URL": media.as_uri() if media.is_absolute() else relative,
        "MIME_TYPE": kind,
        "RELATIVE_MEDIA_URL": relative,
    }
