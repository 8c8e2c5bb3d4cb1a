"""What the executions took that made the states of stages, whether these are restored or not.

A stage leaves what its execution took (`hcutal.stages.execution`); it is kept by the fingerprint of what was made, so
that a result that DVC restores has the times of the execution that made it. None is kept of what DVC ran on its own,
of what was pulled, or made by earlier versions: its times are not known.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from hcutal.files import write_json
from hcutal.layout import EXECUTIONS, execution, last_execution

WORDS = {"device", "machine"}
# Seconds and megabytes are less; in seconds since 1970 it is the year 5138.
MOST = 1e11


@dataclass(frozen=True)
class Execution:
    """What is known of how a state of a stage was made; None where it is not.

    started, ended, restored: seconds since 1970, UTC; restored: when it was put back from the cache last, if it was.
    """

    started: float | None = None
    ended: float | None = None
    restored: float | None = None
    cpu_seconds: float | None = None
    peak_memory_mb: float | None = None
    peak_gpu_memory_mb: float | None = None
    device: str | None = None
    machine: str | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took (s)."""
        return None if self.started is None or self.ended is None else max(self.ended - self.started, 0.0)

    @property
    def status(self) -> str:
        """In words: whether it ran or was restored, and whether its times are known."""
        word = "ran" if self.restored is None else "restored"
        if self.seconds is not None:
            return word
        return "time unknown" if self.restored is None else "restored, time unknown"


def forget_last(stage: str) -> None:
    """Remove what an earlier execution of a stage left, before another begins."""
    last_execution(stage).unlink(missing_ok=True)


def keep_execution(stage: str, fingerprint: str) -> None:
    """Keep what the execution that has just ended took; one that left nothing makes its time unknown."""
    last, target = last_execution(stage), execution(fingerprint)
    target.parent.mkdir(parents=True, exist_ok=True)
    if last.exists():
        last.replace(target)
    else:
        target.unlink(missing_ok=True)


def note_restored(stage: str, fingerprint: str) -> None:
    """Note that a state was restored just now."""
    write_json(
        execution(fingerprint), {"stage": stage, **_read(execution(fingerprint)), "restored": time.time()}
    )


def execution_of(fingerprint: str) -> Execution:
    """What is known of the execution that made a state."""
    return _checked(_read(execution(fingerprint)))


def known_executions() -> Iterator[tuple[str, Execution]]:
    """All executions of which something is known, in the order of their files, each with its stage: `train@watch.0`."""
    for path in sorted(EXECUTIONS.glob("??/*.json")):
        found = _read(path)
        if isinstance(found.get("stage"), str):
            yield found["stage"], _checked(found)


def latest_seconds() -> dict[str, float]:
    """What the latest execution of each stage took (s), of those whose times are known."""
    known = sorted(known_executions(), key=lambda each: each[1].ended or 0.0)
    return {stage: execution.seconds for stage, execution in known if execution.seconds is not None}


def _checked(found: dict[str, Any]) -> Execution:
    return Execution(
        **{name: found[name] for name in Execution.__dataclass_fields__ if _is_right(name, found.get(name))}
    )


def _is_right(name: str, value: Any) -> bool:
    """Whether a value can be one: what is wrong in a record makes it unknown, and stops nothing."""
    if name in WORDS:
        return isinstance(value, str)
    return isinstance(value, int | float) and 0 <= value < MOST


def _read(path: Path) -> dict[str, Any]:
    """What a record says; nothing where there is none, or one that was damaged: it is no result."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
