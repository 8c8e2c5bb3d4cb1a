"""dvc.lock: what each stage ran with and made. Read without DVC, which is slow to import."""

import time
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hcutal.errors import HcutalError
from hcutal.layout import LOCK

TRIES = 5


def lock_entry(stage: str, tries: int = TRIES) -> dict[str, Any]:
    """The entry of a stage that has run; `HcutalError` when there is none.

    Another stage may just be writing the file: what cannot be read is tried again, `tries` times in all.
    """
    for _ in range(tries):
        try:
            # As DVC reads it: by libyaml where that is there.
            return dict(YAML(typ="safe").load(LOCK)["stages"][stage])
        except (OSError, YAMLError, RecursionError, AttributeError, KeyError, TypeError, ValueError):
            time.sleep(0.2)
    raise HcutalError(f"{LOCK}: no entry for {stage}; expected one, since the stage has run")
