"""Records: the small files that Snakemake orders the stages by. Every job writes one, so that this is quick to import.

A record of a stage holds the fingerprint of its entry of dvc.lock, one of tracking or comparing the state that was
tracked or compared. `hcutal.pipeline.synchronise` keeps them in step with what DVC says.
"""

from pathlib import Path
from typing import Any

import orjson

from hcutal.files import write_json
from hcutal.layout import RECORDS
from hcutal.layout import shard_name as shard_name

COMPARE = "compare"
# In the environment of a run of ours: the rules that are asked for. Beside these, what has a record gets none.
TARGETS = "HCUTAL_TARGETS"


def record_path(name: str) -> Path:
    """Where the record of a stage, or of another step, stands."""
    return RECORDS / f"{name}.json"


def track_name(experiment: str) -> str:
    """The step that puts an experiment's state into MLflow."""
    return f"track@{experiment}"


def is_tracked(experiment: str) -> bool:
    """Whether the last step of tracking of an experiment reached MLflow."""
    record = read_record(record_path(track_name(experiment)))
    return bool(record and record.get("fingerprint"))


def write_record(name: str, fingerprint: str | None) -> None:
    """Write a record; one that says the same already is left untouched."""
    path = record_path(name)
    record = {"name": name, "fingerprint": fingerprint}
    if read_record(path) != record:
        write_json(path, record)


def read_record(path: Path) -> dict[str, Any] | None:
    """What a record says; None where there is none, or one that was damaged: it can be made anew."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found if isinstance(found, dict) else None
