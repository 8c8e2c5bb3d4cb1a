"""Segments from a project of BORIS: the state events of its observations, in pairs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hcutal.data.meeting import plain
from hcutal.data.tool_rows import POINTS, ToolRows, paired, recording_name
from hcutal.errors import HcutalError


def read_boris(path: Path, data: Any) -> ToolRows:
    """Read a project from its JSON: of each observation the film of the first player, which has to be one.

    Times of events hold the observation's offset of time, which is taken off: they are those of the film.
    """
    observations = data.get("observations") if isinstance(data, dict) else None
    if not isinstance(observations, dict):
        raise HcutalError(f"{path}: no observations; expected a project of BORIS")
    kinds = {
        each.get("code"): str(each.get("type", "")).lower()
        for each in data.get("behaviors_conf", {}).values()
    }
    found = ToolRows("a project of BORIS")
    for name, observation in observations.items():
        _add(path, name, observation, kinds, found)
    return found


def _add(
    path: Path, name: str, observation: Mapping[str, Any], kinds: Mapping[Any, str], found: ToolRows
) -> None:
    films = [film for film in observation.get("file", {}).get("1", []) if film]
    if len(films) > 1:
        raise several_films(f"{path}: observation {name}", len(films))
    video = recording_name(films[0]) if films else plain(name)
    length = observation.get("media_info", {}).get("length", {}).get(films[0] if films else "")
    if length:
        found.durations[video] = float(length)
    offset = float(observation.get("time offset") or 0)
    events = []
    for time, subject, code, modifiers, *_ in observation.get("events", []):
        if kinds.get(code, "state").startswith("point"):
            found.leave_out(POINTS)
        else:
            key = (str(subject), str(code), str(modifiers))
            events.append((float(time) - offset, key, plain(str(code))))
    paired(path, events, found, video)


def several_films(where: str, count: int) -> HcutalError:
    """What is said of an observation of films one after another, whose times are those of none of them."""
    return HcutalError(f"{where} has {count} films in a row; expected one each")
