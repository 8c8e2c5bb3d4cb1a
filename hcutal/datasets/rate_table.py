"""Frames a second, and what else differs, of each recording: a table, or a dict of frames a second in JSON."""

from collections.abc import Mapping
from pathlib import Path

from hcutal.data.meeting import plain
from hcutal.data.times import SnippetTimes
from hcutal.data.unique_json import read_unique_json
from hcutal.errors import HcutalError
from hcutal.tables import read_table

JSON = ".json"


def read_rates(path: Path, common: SnippetTimes) -> dict[str, SnippetTimes]:
    """Where the snippets of each recording stand; what is not said of one is as in `common`.

    A CSV has the columns video and fps, and may have snippet_frames, stride and offset; JSON is `{video: fps}`. Raises
    `HcutalError` naming file and video.
    """
    rows = _json_rows(path) if path.suffix.lower() == JSON else _table_rows(path)
    return {video: _times(row, common, f"{path}: {video}") for video, row in rows.items()}


def _table_rows(path: Path) -> dict[str, Mapping[object, object]]:
    table = read_table(
        path, {"video": str, "fps": float}, {"snippet_frames": int, "stride": int, "offset": float}
    )
    return {plain(str(row["video"])): row for row in table.to_dict("records")}


def _json_rows(path: Path) -> dict[str, Mapping[object, object]]:
    found = read_unique_json(path)
    if not isinstance(found, dict) or not found:
        raise HcutalError(f"{path}: no rates of videos; expected {{video: frames a second}}")
    for video, fps in found.items():
        if isinstance(fps, bool) or not isinstance(fps, int | float):
            raise HcutalError(f"{path}: {video}: found {fps!r}; expected frames a second, a number")
    return {plain(video): {"fps": fps} for video, fps in found.items()}


def _times(row: Mapping[object, object], common: SnippetTimes, where: str) -> SnippetTimes:
    frames = int(str(row.get("snippet_frames", common.frames)))
    stride = int(str(row.get("stride", frames if common.stride == common.frames else common.stride)))
    fps, offset = float(str(row["fps"])), float(str(row.get("offset", common.offset)))
    if not 0 < fps < float("inf") or frames < 1 or stride < 1 or not 0 <= offset < float("inf"):
        raise HcutalError(
            f"{where}: fps {fps:g}, snippet_frames {frames}, stride {stride}, offset {offset:g}; "
            "expected numbers above 0, and an offset of 0 or more"
        )
    return SnippetTimes(fps, frames, stride, offset)
