"""dvc.lock: what each stage ran with and made. Read without DVC, which is slow to import."""

import hashlib
import time
from pathlib import Path
from typing import Any

import orjson

from hcutal.errors import HcutalError
from hcutal.params.section import read_yaml

LOCK = Path("dvc.lock")
TRIES = 5


def digest(value: Any) -> str:
    """SHA-256 of `value` as JSON with sorted keys."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def lock_entry(stage: str) -> dict[str, Any]:
    """The entry of a stage that has run; `HcutalError` when there is none.

    Another stage may just be writing the file: what cannot be read is tried again.
    """
    for _ in range(TRIES):
        try:
            entry = read_yaml(LOCK)["stages"][stage]
        except (HcutalError, KeyError, TypeError):
            time.sleep(0.2)
        else:
            return dict(entry)
    raise HcutalError(f"{LOCK}: no entry for {stage}; expected one, since the stage has run")
