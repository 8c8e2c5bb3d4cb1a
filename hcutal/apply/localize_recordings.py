"""A trained run applied to many recordings; one that fails is named with its reason and does not stop the others."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.apply.inputs import Inputs, Read, read_streams
from hcutal.apply.trained import TrainedRun
from hcutal.data.store import Features
from hcutal.errors import HcutalError
from hcutal.extract.many import extract_many, prune
from hcutal.extract.own_rate import own_rate
from hcutal.extract.registry import Recipe
from hcutal.extract.workers import count_workers
from hcutal.layout import EXTRACTED
from hcutal.progress import worked

CACHE = EXTRACTED / "localize"
# Features that no call used for so long are removed from it.
DAYS = 30


@dataclass(frozen=True, eq=False)
class Found:
    """What a run found in a recording of `duration` seconds.

    Attributes:
        media: the file of the recording; None where only its features were given.
        proposals: all of them, columns start, end (seconds), label, score.
        rate: frames a second of the file itself, as `hcutal.extract.own_rate` has it.
        cas: [T', C] of the classes of the run, at `times` [T'], the middles of snippets in seconds.
    """

    name: str
    media: Path | None
    duration: float
    proposals: pd.DataFrame
    cas: npt.NDArray[np.floating]
    times: npt.NDArray[np.floating]
    rate: float | None = None


@dataclass
class Outcome:
    """What was found, in the order of the names, and why there is nothing of others."""

    found: list[Found] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def localize_all(
    inputs: Inputs, run: TrainedRun, workers: int | Literal["auto"] = 1, threads: int = 1
) -> Outcome:
    """Localize in all recordings; features of media files are extracted as those of the run were.

    What has been extracted is kept in `.hcutal/extracted/localize`, so that an interrupted call goes on where it
    was and another has its features at once; what no call used for a month is removed. Raises `HcutalError` when the
    extractor cannot be used at all.
    """
    outcome = Outcome(failed=dict(inputs.failed))
    readers, extractor = dict(inputs.features), None
    if inputs.media:
        recipe = Recipe(run.features.extractor, run.features.settings["params"])
        extractor = recipe.make()
        run.features.check(extractor.about(), f"extractor {recipe.name}")
        count = count_workers(workers, threads, len(inputs.media), recipe)
        extracted = extract_many(recipe, inputs.media, CACHE, count, threads)
        prune(CACHE, extracted.folders.values(), DAYS)
        outcome.failed |= extracted.failed
        readers |= {name: _extracted(folder, run) for name, folder in extracted.folders.items()}
    for name in worked(sorted(readers), "localize", "recording", len(readers)):
        media = inputs.media.get(name)
        try:
            seconds = extractor.probe(media) if extractor and media else None
            rate = own_rate(media, extractor) if extractor and media else None
            outcome.found.append(localize_one(run, name, readers[name](), media, seconds, rate))
        except HcutalError as error:
            outcome.failed[name] = str(error)
    return outcome


def localize_one(
    run: TrainedRun,
    name: str,
    features: Features,
    media: Path | None,
    seconds: float | None,
    rate: float | None = None,
) -> Found:
    """Localize in one recording with features [T, D]; `seconds` is None where it ends with its last snippet."""
    times = run.features.times
    localized = run.localize(features, seconds)
    duration = times.end(len(features)) if seconds is None else seconds
    middles = times.middles(localized.rows)
    return Found(name, media, duration, localized.proposals, localized.cas, middles, rate)


def _extracted(folder: Path, run: TrainedRun) -> Read:
    streams = run.localizer.streams.items()
    return partial(read_streams, [(folder / f"{name}.npy", size) for name, size in streams])
