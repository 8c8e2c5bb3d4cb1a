"""Files of annotation tools as one file of annotations in ActivityNet's form."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hcutal.data.annotation_check import check_annotations
from hcutal.data.annotation_tools import is_tool_file, read_tool
from hcutal.data.ground_truth import GroundTruth
from hcutal.data.problems import ERROR, Findings, some
from hcutal.data.tool_rows import Units
from hcutal.errors import HcutalError
from hcutal.files import write_json

# What annotations are called that are made of tools' files on the way.
MADE = "annotations.json"
BY_HAND = "hcutal convert FILE --fps N --out gt.json makes annotations of it"


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


def json_of(files: Sequence[Path], folder: Path) -> tuple[Path | None, list[str]]:
    """Annotations as one file of JSON: the one that is given, or what is made in `folder` of tools' files.

    Also says how tools' files were read, in lines. `HcutalError` for several files of which one is no tool's.
    """
    if not files:
        return None, []
    if len(files) == 1 and files[0].suffix.lower() == ".json" and not is_tool_file(files[0]):
        return files[0], []
    made = folder / MADE
    try:
        return made, convert(files, made, Units())[:-1]
    except HcutalError as error:
        raise HcutalError(f"{error}; {BY_HAND}" if "--fps" in str(error) else str(error)) from None


def check_tool_files(files: Iterable[Path]) -> tuple[GroundTruth | None, Findings]:
    """`check_annotations` of what tools' files hold together; the summary says how each was read."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / MADE
        try:
            said = convert(files, made, Units())
        except HcutalError as error:
            found = Findings()
            remedy = BY_HAND if "--fps" in str(error) else "mend the file, or export it anew"
            found.add(ERROR, "annotations", str(error), remedy)
            return None, found
        truth, found = check_annotations(made)
    found.summary = {"read": said[:-1], **found.summary}
    return truth, found
