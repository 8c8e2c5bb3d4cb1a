"""What a user names on the command line: recordings, arrays of features, folders of features."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from hcutal.apply.trained import TrainedRun, read_form
from hcutal.data.store import Features, FeatureStore, open_array
from hcutal.errors import HcutalError
from hcutal.extract.registry import Recipe, find_extractor
from hcutal.layout import SIDECAR
from hcutal.model.checkpoint import check_streams

Read = Callable[[], Features]


@dataclass
class Inputs:
    """Recordings by name: `features` reads those that exist already, `media` are files to extract them from.

    `failed` says of what was named, but cannot be used, why.
    """

    features: dict[str, Read] = field(default_factory=dict)
    media: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def gather(paths: Iterable[Path], run: TrainedRun) -> Inputs:
    """Sort out files and folders for a run.

    A folder is a feature store, with a sidecar that fits the run, or holds recordings. A `.npy` is the features
    of a recording when it has as many columns as the run's streams together, or as the stream that its folder is
    called after, whose siblings then are the other streams. Any other file is a recording, if the extractor of the
    run reads its kind. Raises `HcutalError` when two inputs have the same name, that of the file without its end.
    """
    inputs = Inputs()
    origin: dict[str, Path] = {}
    for path in paths:
        try:
            found = _folder(path, run) if path.is_dir() else _file(path, run)
        except HcutalError as error:
            inputs.failed[str(path)] = str(error)
            continue
        for name in (*found.features, *found.media):
            if name in origin:
                raise HcutalError(
                    f"{origin[name]} and {path} are both called {name}; expected different names"
                )
            origin[name] = path
        inputs.features |= found.features
        inputs.media |= found.media
    return inputs


def read_streams(files: Sequence[tuple[Path, int | None]]) -> Features:
    """Arrays [T, D] side by side; `HcutalError` where one has not the given D or another T, or is not finite."""
    arrays = [open_array(path, size) for path, size in files]
    for (path, _), array in zip(files, arrays, strict=True):
        if len(array) != len(arrays[0]):
            raise HcutalError(f"{path}: {len(array)} snippets; {files[0][0]} has {len(arrays[0])}")
        if not np.isfinite(array).all():
            raise HcutalError(f"{path}: NaN or infinite feature values; expected finite numbers")
    return np.concatenate(arrays, axis=1, dtype=np.float32)


def _folder(folder: Path, run: TrainedRun) -> Inputs:
    if not (folder / SIDECAR).is_file():
        if not suffixes(run):
            raise HcutalError(f"{folder}: no {SIDECAR}; expected a feature store, since {_unknown(run)}")
        recipe = Recipe(run.features.extractor, run.features.settings["params"])
        return Inputs(media=recipe.look_into(folder).files)
    store = FeatureStore(folder)
    run.features.check(store.meta, folder / SIDECAR)
    check_streams(store.meta.streams, run.localizer.streams, folder / SIDECAR)
    return Inputs({video: partial(store.read, video) for video in store.videos})


def _file(path: Path, run: TrainedRun) -> Inputs:
    if not path.is_file():
        raise HcutalError(f"{path}: no such file")
    streams, read = run.localizer.streams, suffixes(run)
    if path.suffix.lower() == ".npy":
        width = _width(path, ".npy" in read)
        if width == sum(streams.values()):
            return Inputs({path.stem: partial(read_streams, [(path, width)])})
        if width is not None and width == streams.get(path.parent.name):
            return Inputs({path.stem: partial(read_streams, _siblings(path, run))})
    if path.suffix.lower() in read:
        return Inputs(media={path.stem: path})
    able = f"{run.features.extractor} reads {', '.join(sorted(read))}" if read else _unknown(run)
    raise HcutalError(
        f"{path}: neither features of the run, .npy [T, {sum(streams.values())}] or in a folder for each of "
        f"{', '.join(f'{name} [T, {size}]' for name, size in streams.items())}, nor a recording: {able}"
    )


def suffixes(run: TrainedRun) -> frozenset[str]:
    """Ends of the files that the extractor of the run reads; none where it is not known here."""
    try:
        kind = find_extractor(run.features.extractor)
    except HcutalError:
        return frozenset()
    return kind.suffixes if "params" in run.features.settings else frozenset()


def _unknown(run: TrainedRun) -> str:
    return (
        f"what made the features of the run, {run.features.extractor!r}, is no extractor that is known here"
    )


def _width(path: Path, may_be_other: bool) -> int | None:
    """Columns of an array [T, D]; None where it is something else, which an extractor may know."""
    try:
        return int(open_array(path).shape[1])
    except HcutalError:
        if may_be_other:
            return None
        raise


def _siblings(path: Path, run: TrainedRun) -> list[tuple[Path, int | None]]:
    """The files of all streams of a recording: ROOT/<stream>/<name>.npy; ROOT may have a sidecar."""
    root = path.parent.parent
    if (root / SIDECAR).is_file():
        run.features.check(read_form(root), root / SIDECAR)
    return [(root / stream / path.name, size) for stream, size in run.localizer.streams.items()]
