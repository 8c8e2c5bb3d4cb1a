"""Features of many recordings: kept one by one, so that an interrupted run goes on where it was.

What has been extracted lies in a cache folder under the fingerprint of the extractor and the content of the
recording, so neither a changed parameter nor an exchanged file is answered with old features.
"""

import logging
import multiprocessing
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hcutal.errors import HcutalError
from hcutal.extract.extractor import Array, Extractor
from hcutal.extract.registry import Recipe
from hcutal.files import atomic_path, content_digest

log = logging.getLogger(__name__)
DIED = "the process died while reading it (out of memory, or the decoder crashed)"


@dataclass
class Extracted:
    """What was made: folders holds <stream>.npy of each recording; failed the reason of those without."""

    folders: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def extract_many(
    recipe: Recipe, files: Mapping[str, Path], cache: Path, workers: int = 1, threads: int = 1
) -> Extracted:
    """Extract each recording that the cache does not hold, in `workers` processes of `threads` threads.

    A recording that fails is reported with its reason and does not stop the others. Order and number of
    workers do not change what comes out. Raises `HcutalError` when the extractor itself cannot be used.
    """
    fingerprint = recipe.fingerprint(recipe.make().about().weights)
    target = cache / fingerprint[:16]
    extracted = Extracted()
    jobs = [(recipe, path, target, threads) for path in files.values()]
    outcomes = _inline(jobs) if workers == 1 else _in_processes(jobs, workers)
    names = list(files)
    for index, outcome in tqdm(outcomes, total=len(files), desc="extract", unit="recording", disable=None):
        if isinstance(outcome, Path):
            extracted.folders[names[index]] = outcome
        else:
            log.warning("%s: %s", names[index], outcome)
            extracted.failed[names[index]] = outcome
    return Extracted(
        {name: extracted.folders[name] for name in names if name in extracted.folders},
        {name: extracted.failed[name] for name in names if name in extracted.failed},
    )


Job = tuple[Recipe, Path, Path, int]
Outcome = Path | str


def _inline(jobs: Iterable[Job]) -> Iterator[tuple[int, Outcome]]:
    for index, job in enumerate(jobs):
        yield index, _extract_one(*job)


def _in_processes(jobs: list[Job], workers: int) -> Iterator[tuple[int, Outcome]]:
    """All jobs; those that a dying process took along are tried again, each in a process of its own."""
    # Spawned, since a fork of a process with threads of torch or OpenCV can hang.
    context = multiprocessing.get_context("spawn")
    orphans = []
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        futures: dict[Future[Outcome], int] = {
            pool.submit(_extract_one, *job): index for index, job in enumerate(jobs)
        }
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                orphans.append(futures[future])
    for index in sorted(orphans):
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            try:
                yield index, pool.submit(_extract_one, *jobs[index]).result()
            except BrokenProcessPool:
                yield index, DIED


def _extract_one(recipe: Recipe, path: Path, target: Path, threads: int) -> Outcome:
    """The folder that holds the features of a recording, or why there is none."""
    try:
        folder = target / content_digest(path)
        if not folder.is_dir():
            _keep(folder, _extractor(recipe, threads).extract(path))
    except HcutalError as error:
        return str(error)
    except Exception as error:
        # Decoders and extractors of others raise anything; the other recordings go on.
        log.warning("%s", path, exc_info=True)
        return f"{path}: {type(error).__name__}: {error}"
    return folder


# One extractor a process: networks and weights are loaded once.
_made: dict[str, Extractor] = {}


def _extractor(recipe: Recipe, threads: int) -> Extractor:
    key = repr((recipe.name, recipe.values, threads))
    if key not in _made:
        _made.clear()
        _made[key] = recipe.make()
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(threads)
    return _made[key]


def _keep(folder: Path, streams: Mapping[str, Array]) -> None:
    try:
        _write(folder, streams)
    except OSError:
        # A copy of the recording may have been extracted elsewhere at the same time.
        if not folder.is_dir():
            raise


def _write(folder: Path, streams: Mapping[str, Array]) -> None:
    with atomic_path(folder) as temporary:
        temporary.mkdir()
        for stream, array in streams.items():
            if not np.isfinite(array).all():
                raise HcutalError(f"{stream}: NaN or infinite feature values; expected finite numbers")
            np.save(temporary / f"{stream}.npy", array, allow_pickle=False)


def prune(cache: Path, used: Iterable[Path]) -> None:
    """Remove from the cache whatever is not one of the folders `used`."""
    kept = set(used)
    for folder in cache.glob("*/*"):
        if folder not in kept:
            shutil.rmtree(folder)
    for folder in cache.glob("*/"):
        if not any(folder.iterdir()):
            folder.rmdir()
