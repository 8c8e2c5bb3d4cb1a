"""How many processes extract side by side: what there is to work with, where nothing else is said."""

import os
import sys
from typing import Literal

import psutil

from hcutal.cores import GIVEN, given_cores
from hcutal.device import pick_device
from hcutal.extract.registry import Recipe

# Memory of a worker, where nothing else is said.
MEMORY_MB = 4000


def count_workers(
    asked: int | Literal["auto"], threads: int, recordings: int, recipe: Recipe, memory_mb: int = MEMORY_MB
) -> int:
    """The number of processes of `threads` threads for so many recordings; it does not change what they extract.

    `auto` is one for each core, as far as the memory that is free (of the device, too) has `memory_mb` for each. A job
    that was given fewer cores than were asked for takes no more than these.
    """
    cores = max(given_cores() // threads, 1)
    if asked != "auto":
        return min(asked, cores) if GIVEN in os.environ else asked
    free = min([psutil.virtual_memory().available, *_free_on_device(recipe)])
    return max(min(cores, free // (memory_mb << 20), recordings), 1)


def _free_on_device(recipe: Recipe) -> list[int]:
    """Bytes that are free on the device that an extractor computes on, where that is no CPU."""
    device = getattr(recipe.params(), "device", None)
    if device is None:
        return []
    found = pick_device(device)
    return [sys.modules["torch"].cuda.mem_get_info(found)[0]] if found.type == "cuda" else []
