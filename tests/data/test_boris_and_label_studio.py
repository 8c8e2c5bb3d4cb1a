"""What BORIS and Label Studio write with their own code is read as it was meant; skipped where they are absent."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hcutal.data.annotation_tools import read_tool
from hcutal.data.tool_rows import ToolRow, Units
from hcutal.errors import HcutalError
from tests.boris import boris_modules

ROWS = [ToolRow("film 1", 1.5, 3.0, "Jump"), ToolRow("film 1", 4.0, 6.25, "Run")]
FILM = "films/film 1.mp4"
VIEW = """<View><Video name="video" value="$video" frameRate="$fps"/>
<TimelineLabels name="actions" toName="video"><Label value="Jump"/><Label value="Run"/></TimelineLabels></View>"""


@pytest.fixture
def boris(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The parts of BORIS that write; it draws nothing."""
    parts = ("config", "core", "export_observation", "menu_options")
    config, core, export, menu = boris_modules(monkeypatch, parts)
    monkeypatch.setattr(menu, "update_windows_title", lambda window: None)
    return SimpleNamespace(config=config, save=core.MainWindow.save_project_json, export=export)


def project(boris: Any, offset: str = "0.0", films: tuple[str, ...] = (FILM,)) -> dict[str, Any]:
    """A project with one observation of films, whose events are at the times of ROWS after the offset."""
    found: dict[str, Any] = copy.deepcopy(boris.config.EMPTY_PROJECT)
    kinds = {"Jump": "State event", "Run": "State event", "look": "Point event"}
    blank = dict.fromkeys(("key", "description", "color", "category", "excluded", "coding map"), "")
    found["behaviors_conf"] = {
        str(number): {**blank, "code": code, "type": kind, "modifiers": {}}
        for number, (code, kind) in enumerate(kinds.items())
    }
    found["subjects_conf"] = {"0": {"key": "", "name": "me", "description": ""}}
    events = [("1.5", "Jump"), ("3.0", "Jump"), ("3.5", "look"), ("4.0", "Run"), ("6.25", "Run")]
    found["observations"]["o1"] = {
        "file": {str(player): list(films) if player == 1 else [] for player in range(1, 9)},
        "type": "MEDIA",
        "date": "2025-01-02T03:04:05",
        "description": "first\nday",
        "time offset": Decimal(offset),
        "events": [
            [Decimal(time) + Decimal(offset), "me", code, "", "", int(float(time) * 25)]
            for time, code in events
        ],
        "observation time interval": [0, 0],
        "independent_variables": {},
        "media_info": {
            "length": dict.fromkeys(films, 9.5),
            "fps": dict.fromkeys(films, 25.0),
            "hasVideo": dict.fromkeys(films, True),
            "hasAudio": dict.fromkeys(films, False),
            "offset": {"1": 0.0},
        },
    }
    return found


def exported(boris: Any, made: dict[str, Any], kind: str, path: Path) -> Path:
    """A table of events, or of segments (aggregated events), as the window of BORIS writes it."""
    parameters = {
        "time": boris.config.TIME_EVENTS,
        boris.config.SELECTED_SUBJECTS: ["me"],
        boris.config.SELECTED_BEHAVIORS: ["Jump", "Run", "look"],
    }
    if kind == "events":
        observation = made["observations"]["o1"]
        assert boris.export.export_tabular_events(
            made, parameters, "o1", observation, made["behaviors_conf"], str(path), path.suffix[1:]
        )[0]
        return path
    rows, _ = boris.export.export_aggregated_events(made, parameters, "o1")
    # Named by the code of a window that asks where to save.
    rows.headers = [
        *(
            "Observation id",
            "Observation date",
            "Description",
            "Observation type",
            "Source",
            "Time offset (s)",
        ),
        *("Coding duration", "Media duration (s)", "FPS (frame/s)", "Subject"),
        *(
            "Observation duration by subject by observation",
            "Behavior",
            "Behavioral category",
            "Behavior type",
        ),
        *(
            "Start (s)",
            "Stop (s)",
            "Duration (s)",
            "Media file name",
            "Image index start",
            "Image index stop",
        ),
        *("Image file path start", "Image file path stop", "Comment start", "Comment stop"),
    ]
    assert boris.export.dataset_write(rows, str(path), path.suffix[1:])[0]
    return path


@pytest.mark.parametrize("offset", ["0.0", "3600.0"])
@pytest.mark.parametrize("ending", ["boris", "boris.gz"])
def test_a_project_that_boris_saved(boris: Any, tmp_path: Path, ending: str, offset: str) -> None:
    window = SimpleNamespace(save_project_json_started=False, config_param={}, pj=project(boris, offset))
    boris.save(window, str(tmp_path / f"p.{ending}"))
    found = read_tool(tmp_path / f"p.{ending}", Units())
    assert (found.rows, found.durations) == (ROWS, {"film 1": 9.5})
    assert found.left_out == {"events without a length": 1}


@pytest.mark.parametrize("offset", ["0.0", "3600.0"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
@pytest.mark.parametrize("kind", ["events", "segments"])
def test_tables_that_boris_exported(boris: Any, tmp_path: Path, kind: str, name: str, offset: str) -> None:
    path = exported(boris, project(boris, offset), kind, tmp_path / name)
    found = read_tool(path, Units())
    assert (found.rows, found.durations) == (ROWS, {"film 1": 9.5})
    assert found.left_out == {"events without a length": 1}


@pytest.mark.parametrize("kind", ["events", "segments"])
def test_films_in_a_row_have_no_times_of_their_own(boris: Any, tmp_path: Path, kind: str) -> None:
    path = exported(boris, project(boris, films=(FILM, "films/b.mp4")), kind, tmp_path / "a.csv")
    with pytest.raises(HcutalError, match=r"a\.csv: line 2 has 2 films in a row; expected one each"):
        read_tool(path, Units())


@pytest.mark.parametrize("form", ["JSON", "JSON_MIN"])
@pytest.mark.parametrize(
    "address", ["/data/local-files/?d=films/film%201.mp4", "/data/upload/1/0a1b2c3d-film 1.mp4"]
)
def test_what_label_studio_exported(tmp_path: Path, form: str, address: str) -> None:
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    control = interface.LabelInterface(VIEW).get_control("actions")
    regions = [
        control.label(label=[label], ranges=[{"start": start, "end": end}])._dict()
        for label, start, end in (("Jump", 31, 60), ("Run", 81, 125))
    ]
    annotation = {"id": 1, "completed_by": 1, "was_cancelled": False, "result": regions}
    task = {"id": 7, "data": {"video": address, "fps": 20}, "annotations": [annotation], "predictions": []}
    (tmp_path / "tasks.json").write_text(json.dumps([task]))
    converter = pytest.importorskip("label_studio_sdk.converter").Converter(VIEW, project_dir=None)
    converter.convert(str(tmp_path / "tasks.json"), str(tmp_path / "out"), form, is_dir=False)
    assert read_tool(tmp_path / "out/result.json", Units()).rows == ROWS
