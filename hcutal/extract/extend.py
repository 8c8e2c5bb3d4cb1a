"""Feature stores outside of a pipeline: made of named files, and extended by more of them."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from hcutal.data.store import FeatureStore
from hcutal.errors import HcutalError
from hcutal.extract.make_store import write_extracted
from hcutal.extract.many import Extracted, extract_many
from hcutal.extract.registry import Recipe
from hcutal.extract.workers import count_workers
from hcutal.files import content_digest, read_json
from hcutal.layout import SIDECAR


def extend_store(
    recipe: Recipe,
    recordings: Iterable[Path],
    target: Path,
    workers: int | Literal["auto"] = 1,
    threads: int = 1,
) -> Extracted:
    """Make a feature store of files and folders of files, or add them to the one at `target`.

    A recording that the store has, with the same content, is not extracted again. What an interrupted call has
    extracted is taken up by the next. Raises `HcutalError` when the store was made in another way, two
    recordings have the same name, or every recording fails.
    """
    files = name_recordings(recordings, recipe)
    there = read_json(target / SIDECAR) if (target / SIDECAR).exists() else {}
    recipe = recipe.settled(files.values(), there.get("settings", {}).get("params"))
    before = _open(target, recipe)
    waiting = {name: path for name, path in files.items() if not _is_known(before, name, path)}
    cache = target.with_name(f".{target.name}.extracted")
    count = count_workers(workers, threads, len(waiting), recipe)
    extracted = extract_many(recipe, waiting, cache, count, threads)
    if extracted.failed and len(extracted.failed) == len(files):
        reasons = "".join(f"\n  {reason}" for reason in extracted.failed.values())
        raise HcutalError(f"no recording could be extracted:{reasons}")
    if extracted.folders:
        write_extracted(recipe, extracted, target, before)
    shutil.rmtree(cache, ignore_errors=True)
    return extracted


def name_recordings(recordings: Iterable[Path], recipe: Recipe) -> dict[str, Path]:
    """Files by name, of files and folders; `HcutalError` for two of the same name."""
    files: dict[str, Path] = {}
    for place in recordings:
        found = recipe.look_into(place).files if place.is_dir() else {place.stem: place}
        for name, path in found.items():
            if files.setdefault(name, path).resolve() != path.resolve():
                raise HcutalError(f"{path}: {files[name]} is called {name} as well; rename one of them")
    return files


def _open(target: Path, recipe: Recipe) -> FeatureStore | None:
    """The store that is there; `HcutalError` when its features are of another kind."""
    if not target.exists():
        return None
    if not (target / SIDECAR).exists():
        raise HcutalError(f"{target}: exists already and holds no {SIDECAR}; choose another folder")
    store, about = FeatureStore(target), recipe.make().about()
    there = (store.meta.extractor, store.meta.weights, store.meta.settings)
    wanted = (
        recipe.name,
        about.weights,
        {**about.settings, "params": recipe.recorded()},
    )
    if there != wanted:
        raise HcutalError(
            f"{target}: its features were made by {there}; expected {wanted}, or another folder"
        )
    return store


def _is_known(store: FeatureStore | None, name: str, path: Path) -> bool:
    if store is None or name not in store.meta.contents:
        return False
    try:
        return store.meta.contents[name] == content_digest(path)
    except HcutalError:
        # The extractor says what is wrong with the file.
        return False
