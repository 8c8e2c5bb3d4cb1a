"""Raw data outside of the project, as a dependency: digests of its content for each data set.

sources.json holds them. The stage `prepare` of a data set depends on the files of its folder, the stage `features` on
the weights that its parameters name. Files that are not there (on another disk, or with a colleague) are taken for
unchanged, so that the results that exist can be used.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hcutal.files import is_file
from hcutal.hashes import KnownDigests
from hcutal.progress import worked

BUILT_IN = "built-in"
# A parameter of this name holds the path of a file, or several by name.
WEIGHTS = "weights"


def source_digests(datasets: Mapping[str, Mapping[str, Any]], root: Path) -> dict[str, dict[str, str | None]]:
    """`{"sources": {data set: digest}, "weights": {data set: digest}}`; None where a file is not there.

    datasets: `source` and `features` by name, as resolved; root: the project's folder, which keeps known digests.
    """
    known = KnownDigests(root)
    sources = {
        name: _with_files(_tree_digest(root, dataset["source"], known), dataset.get("prepare", {}), known)
        for name, dataset in datasets.items()
    }
    weights = {name: _weights_digest(root, dataset["features"], known) for name, dataset in datasets.items()}
    known.save()
    return {"sources": sources, "weights": weights}


def _tree_digest(root: Path, source: str | None, known: KnownDigests) -> str | None:
    """The digest of names and contents below a folder, hidden files left out."""
    if source is None:
        return BUILT_IN
    folder = root / source
    if not folder.is_dir():
        return None
    files = sorted(path for path in folder.rglob("*") if is_file(path) and not _is_hidden(path, folder))
    waiting = [path for path in files if not known.is_known(path)]
    # Shown where it takes long enough to wonder.
    for path in worked(waiting, f"reading {folder}", "file", len(waiting), delay=2):
        known.of(path)
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(folder)} {known.of(path)}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _with_files(tree: str | None, prepare: Mapping[str, Any], known: KnownDigests) -> str | None:
    """The digest of a folder, with those of files and folders elsewhere which parameters name by absolute paths."""
    named = [Path(value) for _, value in sorted(prepare.items()) if isinstance(value, str)]
    files = [path for path in named if path.is_absolute()]
    if tree is None or not files:
        return tree
    digests = [known.of(path) if path.is_file() else _tree_digest(path, "", known) for path in files]
    if None in digests:
        return None
    return hashlib.sha256("".join([tree, *map(str, digests)]).encode()).hexdigest()


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _weights_digest(root: Path, features: Mapping[str, Any], known: KnownDigests) -> str | None:
    """The digest of the files that the parameters of an extractor name as weights."""
    paths = [root / path for path in sorted(_weight_files(features))]
    if not all(path.is_file() for path in paths):
        return None
    return (
        hashlib.sha256("".join(known.of(path) for path in paths).encode()).hexdigest() if paths else BUILT_IN
    )


def _weight_files(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if name == WEIGHTS:
            yield from (path for path in (value.values() if isinstance(value, Mapping) else [value]) if path)
        elif isinstance(value, Mapping):
            yield from _weight_files(value)
