"""Feature stores made by an extractor: of a data set's recordings, or of files that are named."""

from collections.abc import Mapping
from pathlib import Path

from hcutal.data.store import FeatureStore, open_array, write_store
from hcutal.errors import HcutalError
from hcutal.extract.many import Extracted, extract_many, prune
from hcutal.extract.registry import Recipe


def make_store(
    recipe: Recipe,
    files: Mapping[str, Path],
    target: Path,
    cache: Path,
    workers: int = 1,
    threads: int = 1,
    max_failed: float = 1.0,
    seconds: Mapping[str, float] | None = None,
) -> Extracted:
    """Make a feature store at `target` of the recordings `files`, by name; what is in `cache` is taken from there.

    Recordings that fail are named in the sidecar with the reason. Raises `HcutalError` when more than the
    share `max_failed` of them fails; what was extracted stays in the cache. seconds: as in `extract_many`.
    """
    extracted = extract_many(recipe, files, cache, workers, threads, seconds)
    failed = extracted.failed
    if len(failed) > max_failed * len(files):
        reasons = "".join(f"\n  {name}: {reason}" for name, reason in failed.items())
        raise HcutalError(
            f"{len(failed)} of {len(files)} recordings failed; expected at most the share {max_failed:g} "
            f"(max_failed):{reasons}\nmend or remove these and run again, or raise features.max_failed of the data set"
        )
    write_extracted(recipe, extracted, target)
    prune(cache, extracted.folders.values())
    return extracted


def write_extracted(
    recipe: Recipe, extracted: Extracted, target: Path, before: FeatureStore | None = None
) -> None:
    """Write a feature store of what was extracted, and of what the store `before` holds beyond it."""
    about = recipe.make().about()
    settings = {**about.settings, "params": recipe.recorded()}
    with write_store(target, recipe.name, about.times, about.weights, settings) as store:
        for name, folder in extracted.folders.items():
            # Copied, not linked: what happens to the store must not reach the cache.
            arrays = {path.stem: open_array(path) for path in sorted(folder.glob("*.npy"))}
            store.add(name, arrays, content=folder.name)
        for name, reason in extracted.failed.items():
            store.fail(name, reason)
        for name in before.videos if before else []:
            if before and name not in extracted.folders:
                files = {stream: before.root / stream / f"{name}.npy" for stream in before.meta.streams}
                store.copy(name, files, before.meta.contents.get(name))
