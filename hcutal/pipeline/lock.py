"""dvc.lock: what each stage ran with and made. Read without DVC, which is slow to import."""

import time
from typing import Any

from hcutal.errors import HcutalError
from hcutal.files import read_bytes
from hcutal.layout import LOCK
from hcutal.params.plain_yaml import parse_yaml
from hcutal.pipeline.lock_text import HEAD, entries_of

TRIES = 5


def lock_entry(stage: str, tries: int = TRIES) -> dict[str, Any]:
    """The entry of a stage that has run; `HcutalError` when there is none.

    Another stage may just be writing the file: what cannot be read is tried again, `tries` times in all.
    """
    for _ in range(tries):
        try:
            return dict(parse_yaml(_text_of(stage), str(LOCK))["stages"][stage])
        except (HcutalError, KeyError, TypeError, ValueError):
            time.sleep(0.2)
    raise HcutalError(f"{LOCK}: no entry for {stage}; expected one, since the stage has run")


def _text_of(stage: str) -> str:
    """The file with the entry of one stage, or whole where it is not as DVC writes it."""
    text = read_bytes(LOCK).decode()
    entries = entries_of(text)
    return text if entries is None else HEAD + entries[stage]
