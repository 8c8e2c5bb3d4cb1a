"""Features of many recordings: kept one by one, so that an interrupted run goes on where it was.

What has been extracted lies in a cache folder under the fingerprint of the extractor and the content of the
recording, so neither a changed parameter nor an exchanged file is answered with old features. Of a recording in work,
an extractor that is `Resumable` leaves parts there.
"""

import logging
import math
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from hcutal.errors import HcutalError
from hcutal.extract.extractor import Array, Extractor, Resumable
from hcutal.extract.parts import Parts, check_finite, extract_in_parts
from hcutal.extract.registry import Recipe
from hcutal.extract.side_by_side import side_by_side, spawning
from hcutal.files import atomic_path, content_digest, json_digest, read_json, write_json
from hcutal.progress import WorkBar

log = logging.getLogger(__name__)
# Beside the features of a recording: the digest of each file.
DIGESTS = "digests.json"


@dataclass
class Extracted:
    """What was made: folders holds <stream>.npy of each recording; failed the reason of those without."""

    folders: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def extract_many(
    recipe: Recipe,
    files: Mapping[str, Path],
    cache: Path,
    workers: int = 1,
    threads: int = 1,
    seconds: Mapping[str, float] | None = None,
) -> Extracted:
    """Extract each recording that the cache does not hold, in `workers` processes of `threads` threads.

    A recording that fails is reported with its reason and does not stop the others. Order and number of
    workers do not change what comes out. seconds: how long recordings last, where it is known, for those who watch.
    Raises `HcutalError` when the extractor itself cannot be used.
    """
    fingerprint = recipe.fingerprint(recipe.make().about().weights)
    target = cache / fingerprint[:16]
    extracted = Extracted()
    jobs = [(recipe, path, target, threads) for path in files.values()]
    names = list(files)
    with WorkBar(len(files), "extract", "recording") as bar:
        show = partial(_show, bar, _lengths(names, seconds or {}))
        for index, outcome in _inline(jobs, show) if workers == 1 else _in_processes(jobs, workers, show):
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
# Shows how much of each recording is done, 0 to 1.
Show = Callable[[Sequence[float]], None]


def _inline(jobs: list[Job], show: Show) -> Iterator[tuple[int, Outcome]]:
    shares = [0.0] * len(jobs)

    def show_one(index: int, share: float) -> None:
        shares[index] = share
        show(shares)

    for index, job in enumerate(jobs):
        yield index, _extract_one(*job, partial(show_one, index))
        show_one(index, 1)


def _in_processes(jobs: list[Job], workers: int, show: Show) -> Iterator[tuple[int, Outcome]]:
    """All jobs, also those that a dying process took along."""
    # How much of each is done, 0 to 1; without a lock, since a worker that is killed would keep it.
    shares = spawning().RawArray("d", len(jobs))
    numbered = {index: (index, job) for index, job in enumerate(jobs)}
    done = side_by_side(
        _extract_shown, numbered, workers, _take_shares, (shares,), lambda: show(list(shares))
    )
    for index, outcome in done:
        shares[index] = 1
        yield index, outcome


def _lengths(names: Sequence[str], seconds: Mapping[str, float]) -> list[float]:
    """Minutes of each recording, the mean of the others where it is not known; nothing where none is."""
    minutes = [seconds.get(name, math.nan) / 60 for name in names]
    known = [length for length in minutes if math.isfinite(length)]
    if not sum(known):
        return []
    return [length if math.isfinite(length) else sum(known) / len(known) for length in minutes]


def _show(bar: WorkBar, lengths: Sequence[float], shares: Sequence[float]) -> None:
    """Show how many recordings are done, with the shares of those in work, and minutes where lengths are known."""
    done, whole = round(sum(shares), 2), sum(lengths)
    if not whole:
        bar.reach(done)
        return
    minutes = sum(length * share for length, share in zip(lengths, shares, strict=True))
    digits = 0 if whole >= 10 else 1
    bar.reach(done, minutes / whole, f"{minutes:.{digits}f}/{whole:.{digits}f} min")


# In a worker: where it writes how much of a recording is done.
_shares: MutableSequence[float] = []


def _take_shares(shares: MutableSequence[float]) -> None:
    global _shares
    _shares = shares


def _extract_shown(index: int, job: Job) -> Outcome:
    return _extract_one(*job, partial(_shares.__setitem__, index))


def _extract_one(
    recipe: Recipe, path: Path, target: Path, threads: int, on_share: Callable[[float], None]
) -> Outcome:
    """The folder that holds the features of a recording, or why there is none."""
    try:
        content = content_digest(path)
        folder = target / content
        # Batches and threads change the last bits.
        of = [target.name, content, threads, recipe.params().model_dump(mode="json")]
        parts = Parts(target / f"{content}.parts", json_digest(of))
        if not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _keep(folder, _extract(_extractor(recipe, threads), path, parts, on_share))
        parts.remove()
    except HcutalError as error:
        return str(error)
    except Exception as error:
        # Decoders and extractors of others raise anything; the other recordings go on.
        log.warning("%s", path, exc_info=True)
        return f"{path}: {type(error).__name__}: {error}"
    return folder


def _extract(
    extractor: Extractor, path: Path, parts: Parts, on_share: Callable[[float], None]
) -> dict[str, Array]:
    if not isinstance(extractor, Resumable):
        return extractor.extract(path)
    # Known before the end by the recording's duration alone, which may be wrong.
    expected = max(extractor.probe(path) / extractor.step(), 1)
    return extract_in_parts(extractor, path, parts, lambda done: on_share(min(done / expected, 1)))


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
        check_finite(streams)
        for stream, array in streams.items():
            np.save(temporary / f"{stream}.npy", array, allow_pickle=False)
        write_json(temporary / DIGESTS, {path.name: content_digest(path) for path in temporary.glob("*.npy")})


def _is_whole(folder: Path) -> bool:
    """Whether the features are there as they were written: after a power cut, files may be empty or zero."""
    try:
        said = read_json(folder / DIGESTS)
        return isinstance(said, dict) and all(content_digest(folder / name) == said[name] for name in said)
    except HcutalError:
        return False


def prune(cache: Path, used: Iterable[Path], days: float = 0) -> None:
    """Remove from the cache what is not one of the folders `used`, and was none for so many days."""
    kept = set(used)
    oldest = time.time() - days * 86400
    for folder in cache.glob("*/*"):
        if folder not in kept and folder.stat().st_mtime <= oldest:
            shutil.rmtree(folder)
        elif folder in kept and days > 0:
            folder.touch()
    for folder in cache.glob("*/"):
        if not any(folder.iterdir()):
            folder.rmdir()
