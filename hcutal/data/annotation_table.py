"""Tables of segments: a row a segment, or BORIS's events START and STOP; columns are known by their names."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from hcutal.data.boris_project import several_films
from hcutal.data.meeting import plain
from hcutal.data.problems import some
from hcutal.data.tool_rows import POINTS, ToolRow, ToolRows, Units, paired, recording_name
from hcutal.errors import HcutalError

# The names that are known, small and without their unit, the first that is there.
NAMES: Mapping[str, Sequence[str]] = {
    "video": ("video", "recording", "media file name", "media file", "file", "filename", "observation id"),
    "start": ("start", "begin", "onset", "from", "start time", "begin time", "start frame"),
    "end": ("end", "stop", "offset", "to", "end time", "stop time", "end frame"),
    "duration": ("duration", "length"),
    "label": ("label", "behavior", "behaviour", "class", "action", "activity", "name"),
    "time": ("time",),
    "status": ("status", "behavior type"),
    "subject": ("subject",),
    "observation": ("observation id",),
    "source": ("source",),
    "length of the film": ("media duration",),
    "offset of time": ("time offset",),
}
FRAME, POINT, MODIFIER = "frame", "POINT", "modifier #"
# How BORIS names the film of the first player; those that follow it in a row stand behind semicolons.
PLAYER = re.compile(r"player #1:([^|]*)")
# What BORIS writes where it knows no film.
NO_NAMES = ("NA", "Not found")
IN_SECONDS, IN_MS = {"s", "sec", "seconds"}, {"ms", "msec", "milliseconds"}
START, STOP = "START", "STOP"
# The first of these that is in the first line.
SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma"}


def read_annotation_table(path: Path, units: Units) -> ToolRows:
    """Read a table; the separator is the first of tab, semicolon and comma in its first line.

    Times are seconds unless the name of the column says frames or ms, or `units` another; h:mm:ss is known. An offset
    that BORIS adds to its times is taken off.
    Raises `HcutalError` with the columns where one is missing.
    """
    table, separator = _read(path)
    columns, unit = _known(table.columns)
    is_events = _is_events(table, columns)
    absent = _absent(columns, is_events)
    if absent:
        raise HcutalError(
            f"{path}: no column for {some(absent)}; there are {some(map(str, table.columns), 20)}; expected video, "
            "start, end, label"
        )
    clock = "time" if is_events else "start"
    first = table[columns[clock]].iat[0] if len(table) else ""
    form = f"separator {separator}, {units.said(first, unit[clock])}"
    if is_events:
        return _events(
            path, table, columns, unit, units, ToolRows(f"a table of events, START and STOP ({form})")
        )
    found = ToolRows(f"a table of segments ({', '.join(columns.values())}; {form})")
    for line, row in enumerate(table.to_dict("records"), 2):
        where = f"{path}: line {line}"
        if _said(row, columns, "status").upper().startswith(POINT):
            found.leave_out(POINTS)
            continue
        video = _video(path, row, columns)
        offset = _about_film(where, row, columns, video, found)
        start = units.seconds(row[columns["start"]], where, unit["start"]) - offset
        if "end" in columns:
            end = units.seconds(row[columns["end"]], where, unit["end"]) - offset
        else:
            end = start + units.seconds(row[columns["duration"]], where, unit["duration"])
        label = plain(str(row[columns["label"]]))
        if not label:
            raise HcutalError(f"{where}: no label")
        found.rows.append(ToolRow(video, start, end, label))
    return found


def is_annotation_table(path: Path) -> bool:
    """Whether a table has the columns of segments or of events; `HcutalError` where it is none."""
    table, _ = _read(path)
    columns = _known(table.columns)[0]
    return not _absent(columns, _is_events(table, columns))


def _absent(columns: Mapping[str, str], is_events: bool) -> list[str]:
    """The columns that are missing."""
    needed = ("time", "status", "label") if is_events else ("start", "label")
    absent = [name for name in needed if name not in columns]
    is_endless = not is_events and not absent and not {"end", "duration"} & columns.keys()
    return ["end or duration"] if is_endless else absent


def _read(path: Path) -> tuple[pd.DataFrame, str]:
    """The rows that hold something, as text, and the name of the separator."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            first = stream.readline()
        sign = next((sign for sign in SEPARATORS if sign in first), ",")
        table = pd.read_csv(path, sep=sign, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, EmptyDataError, ParserError, UnicodeDecodeError) as error:
        raise HcutalError(f"{path}: not a table ({error})") from None
    if not isinstance(table.index, pd.RangeIndex):
        raise HcutalError(f"{path}: rows have more values than the header has columns; expected as many")
    return table[(table != "").any(axis=1)], SEPARATORS[sign]


def _known(names: "pd.Index[str]") -> tuple[dict[str, str], dict[str, str | None]]:
    """The columns by what they are, and the unit that the name of each says."""
    bare: dict[str, tuple[str, str | None]] = {}
    for name in names:
        words = re.split(r"[\s_\-()\[\]/]+", plain(str(name)).casefold())
        is_ms, is_frame = bool(IN_MS & set(words)), bool({FRAME, f"{FRAME}s"} & set(words))
        unit = "frames" if is_frame else "ms" if is_ms else None
        kept = " ".join(
            word for word in words if word and word not in IN_SECONDS | IN_MS | {FRAME, f"{FRAME}s"}
        )
        bare.setdefault(kept, (str(name), unit))
    found = {
        kind: next(bare[one] for one in known if one in bare)
        for kind, known in NAMES.items()
        if any(one in bare for one in known)
    }
    return {kind: name for kind, (name, _) in found.items()}, {
        kind: unit for kind, (_, unit) in found.items()
    }


def _is_events(table: pd.DataFrame, columns: Mapping[str, str]) -> bool:
    status = table[columns["status"]].str.upper() if "status" in columns else pd.Series(dtype=str)
    return "start" not in columns and bool(status.isin([START, STOP]).any())


def _events(
    path: Path,
    table: pd.DataFrame,
    columns: Mapping[str, str],
    unit: Mapping[str, str | None],
    units: Units,
    found: ToolRows,
) -> ToolRows:
    by_video: dict[str, list[tuple[float, tuple[str, ...], str]]] = {}
    for line, row in enumerate(table.to_dict("records"), 2):
        if str(row[columns["status"]]).upper() not in (START, STOP):
            found.leave_out(POINTS)
            continue
        where = f"{path}: line {line}"
        video = _video(path, row, columns)
        label = plain(str(row[columns["label"]]))
        offset = _about_film(where, row, columns, video, found)
        time = units.seconds(row[columns["time"]], where, unit["time"]) - offset
        modifiers = [str(row[name]) for name in table if str(name).casefold().startswith(MODIFIER)]
        key = (_said(row, columns, "subject"), label, *modifiers)
        by_video.setdefault(video, []).append((time, key, label))
    for video, events in by_video.items():
        paired(path, events, found, video)
    return found


def _about_film(
    where: str, row: Mapping[object, object], columns: Mapping[str, str], video: str, found: ToolRows
) -> float:
    """The offset (s) of times in a row; notes how long the film is. `HcutalError` for several films in a row."""
    count = len(_films(row, columns))
    if count > 1:
        raise several_films(where, count)
    length = _number(_said(row, columns, "length of the film"))
    if length:
        found.durations[video] = length
    return _number(_said(row, columns, "offset of time")) or 0.0


def _video(path: Path, row: Mapping[object, object], columns: Mapping[str, str]) -> str:
    # BORIS knows no name of a film at a time that is after its end, or where nothing was filmed.
    names = [*_films(row, columns)[:1], _said(row, columns, "video"), _said(row, columns, "observation")]
    said = next((name for name in names if name and name not in NO_NAMES), "")
    return recording_name(said) if said else plain(path.stem)


def _films(row: Mapping[object, object], columns: Mapping[str, str]) -> list[str]:
    """The films of the first player, as BORIS names them."""
    found = PLAYER.search(_said(row, columns, "source"))
    return found[1].split(";") if found else []


def _said(row: Mapping[object, object], columns: Mapping[str, str], kind: str) -> str:
    return str(row.get(columns.get(kind, ""), "")).strip()


def _number(text: str) -> float | None:
    """A number of a table; None for what is none."""
    try:
        return float(text)
    except ValueError:
        return None
