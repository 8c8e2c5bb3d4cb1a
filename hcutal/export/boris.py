"""A project of BORIS (https://www.boris.unito.it) with an observation a recording; BORIS imports no table of text.

BORIS opens it, and another project takes its observations with File, Import observations.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hcutal.export.elan import media_kind
from hcutal.export.plain_text import xml_text
from hcutal.export.segmented_recording import SegmentedRecording
from hcutal.export.summary_tables import joined
from hcutal.files import write_json

# The version of the form of projects that BORIS 8 and 9 write.
FORM = "7.0"
# Nobody observed anything: the same segments give the same bytes.
DATE = "1970-01-01T00:00:00"
PLAYERS = "12345678"


def write_boris(
    path: Path,
    recordings: Sequence[SegmentedRecording],
    colours: Mapping[str, str],
    place: Path | None = None,
) -> None:
    """Write one project for all recordings: a state event a class, its START and STOP for each segment.

    BORIS pairs events of a behaviour one after another, so that segments of a class that overlap or touch are one.
    Films are named from the folder `place` where the project will stand (default: that of `path`), others have an
    observation without media.
    """
    folder = path.parent if place is None else place
    classes = list(colours)
    write_json(
        path,
        {
            "time_format": "hh:mm:ss",
            "project_date": DATE,
            "project_name": "segments",
            "project_description": "",
            "project_format_version": FORM,
            "subjects_conf": {},
            "behaviors_conf": {
                str(number): _behaviour(label, colours[label]) for number, label in enumerate(classes)
            },
            "observations": {each.name: _observation(each, folder) for each in recordings},
            "behavioral_categories": [],
            "behavioral_categories_config": {},
            "independent_variables": {},
            "coding_map": {},
            "behaviors_coding_map": [],
            "converters": {},
        },
    )


def _behaviour(label: str, colour: str) -> dict[str, Any]:
    return {
        "type": "State event",
        "key": "",
        "code": xml_text(label),
        "description": "",
        "color": colour,
        "category": "",
        "modifiers": {},
        "excluded": "",
        "coding map": "",
    }


def _observation(recording: SegmentedRecording, folder: Path) -> dict[str, Any]:
    film = recording.media if recording.media and media_kind(recording.media) else None
    files = [] if film is None else [_place(film, folder)]
    about = {
        "length": dict.fromkeys(files, recording.duration),
        "fps": dict.fromkeys(files, recording.rate or recording.fps),
        "hasVideo": dict.fromkeys(files, True),
        "hasAudio": dict.fromkeys(files, False),
    }
    return {
        "file": {player: files if player == PLAYERS[0] else [] for player in PLAYERS},
        "type": "MEDIA" if files else "LIVE",
        "date": DATE,
        "description": recording.name,
        "time offset": 0.0,
        "events": [list(event) for event in _events(recording)],
        "observation time interval": [0, 0],
        "independent_variables": {},
        "close_behaviors_between_videos": False,
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        **(
            {"media_info": {**about, "offset": {PLAYERS[0]: 0.0}}}
            if files
            else {"start_from_current_time": False}
        ),
    }


def _events(recording: SegmentedRecording) -> list[tuple[float, str, str, str, str]]:
    """Time, subject, code, modifier and comment of each start and stop, in the order of time."""
    events: list[tuple[float, str, str, str, str]] = []
    for label, spans in recording.spans.items():
        for span in joined(spans):
            events += [(round(time, 3), "", xml_text(label), "", "") for time in span]
    return sorted(events)


def _place(media: Path, folder: Path) -> str:
    """As BORIS finds a file: absolute, or from the folder of the project, so that both can be moved together."""
    return str(media) if media.is_absolute() else Path(os.path.relpath(media, folder)).as_posix()
