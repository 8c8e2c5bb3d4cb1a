"""The feature store: one `.npy` a stream and video, and `features.json` that says what they are."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from hcutal.data.npy import map_array
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.files import atomic_path, clone, read_json, write_json
from hcutal.layout import SIDECAR
from hcutal.params.section import validate

# What file systems take, less the end `.npy`.
MOST_BYTES_IN_NAME = 250
Features = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]
# Videos whose arrays are mapped at a time: each map takes a file descriptor, and what was read of it memory.
MOST_OPEN = 64


class FeatureMeta(BaseModel):
    """What `features.json` says; `times` is where its snippets stand.

    `settings` is what the extractor says of itself, with its parameters under `params`; `contents` the BLAKE2b
    of the recordings; `failed` those without features, and why; `own_times` the times of recordings that have other
    ones than `times`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    extractor: str
    fps: float = Field(gt=0)
    snippet_frames: int = Field(ge=1)
    stride: int = Field(ge=1)
    offset: float = Field(0.0, ge=0)
    streams: dict[str, int] = Field(min_length=1)
    weights: str | None = None
    videos: int = Field(ge=1)
    lengths: dict[str, int]
    settings: dict[str, Any] = {}
    contents: dict[str, str] = {}
    failed: dict[str, str] = {}
    own_times: dict[str, SnippetTimes] = {}

    @property
    def times(self) -> SnippetTimes:
        """Where the snippets stand in a recording that has no times of its own."""
        return SnippetTimes(self.fps, self.snippet_frames, self.stride, self.offset)

    def times_of(self, video: str) -> SnippetTimes:
        """Where the snippets of a recording stand."""
        return self.own_times.get(video, self.times)


class FeatureStore:
    """Reads a store made by the features stage; arrays stay on disk until their rows are asked for."""

    def __init__(self, root: str | Path) -> None:
        """Open the store at `root`; `HcutalError` when the sidecar and the files do not fit each other."""
        self.root = Path(root)
        self.meta = validate(FeatureMeta, read_json(self.root / SIDECAR), str(self.root / SIDECAR))
        self._arrays: dict[str, list[npt.NDArray[np.floating]]] = {}
        self._check_files()

    @property
    def videos(self) -> list[str]:
        """The names of the videos, sorted."""
        return sorted(self.meta.lengths)

    @property
    def size(self) -> int:
        """D: the sizes of all streams together."""
        return sum(self.meta.streams.values())

    def available(self, videos: Iterable[str]) -> list[str]:
        """Those of `videos` that did not fail in extraction, in the same order."""
        return [video for video in videos if video not in self.meta.failed]

    def length(self, video: str) -> int:
        """T: the number of snippets of a video."""
        if video not in self.meta.lengths:
            raise HcutalError(
                f"{self.root}: no features of {video}; there are {len(self.meta.lengths)} videos"
            )
        return self.meta.lengths[video]

    def read(self, video: str, rows: Rows | None = None) -> Features:
        """Features [T, D], or of the given rows alone; streams side by side in the sidecar's order.

        Raises `HcutalError` when an array does not fit the sidecar or a value that is read is not finite.
        """
        parts = [array if rows is None else array[rows] for array in self.parts(video)]
        features = np.concatenate(parts, axis=1, dtype=np.float32)
        if not np.isfinite(features).all():
            raise HcutalError(
                f"{self.root}: {video}: NaN or infinite feature values; expected finite numbers"
            )
        return features

    def parts(self, video: str) -> list[npt.NDArray[np.floating]]:
        """The arrays [T, D_s] of the streams of a video, mapped, in the type of their files and not looked at yet.

        Raises `HcutalError` when an array does not fit the sidecar.
        """
        if video not in self._arrays:
            while len(self._arrays) >= MOST_OPEN:
                self._arrays.pop(next(iter(self._arrays)))
            self._arrays[video] = self._open(video)
        return self._arrays[video]

    def _open(self, video: str) -> list[npt.NDArray[np.floating]]:
        expected = self.length(video)
        arrays = [
            open_array(self.root / stream / f"{video}.npy", size)
            for stream, size in self.meta.streams.items()
        ]
        for stream, array in zip(self.meta.streams, arrays, strict=True):
            if len(array) != expected:
                raise HcutalError(
                    f"{self.root / stream / video}.npy: {len(array)} snippets; {SIDECAR} says {expected}"
                )
        return arrays

    def _check_files(self) -> None:
        where = self.root / SIDECAR
        if self.meta.videos != len(self.meta.lengths):
            raise HcutalError(
                f"{where}: videos is {self.meta.videos}, but lengths names {len(self.meta.lengths)}"
            )
        empty = sorted(video for video, length in self.meta.lengths.items() if length < 1)
        if empty:
            raise HcutalError(
                f"{where}: length of {empty[0]} is {self.meta.lengths[empty[0]]}; expected 1 or more"
            )
        for stream in self.meta.streams:
            found = {path.stem for path in (self.root / stream).glob("*.npy")}
            missing, extra = (
                sorted(self.meta.lengths.keys() - found),
                sorted(found - self.meta.lengths.keys()),
            )
            if missing:
                raise HcutalError(
                    f"{self.root / stream}: {len(missing)} videos without features: {_some(missing)}"
                )
            if extra:
                raise HcutalError(
                    f"{self.root / stream}: {len(extra)} files unknown to {SIDECAR}: {_some(extra)}"
                )


class StoreWriter:
    """Adds videos to a store in the making; see `write_store`."""

    def __init__(self, folder: Path) -> None:
        """Write below `folder`."""
        self._folder = folder
        self.streams: dict[str, int] = {}
        self.lengths: dict[str, int] = {}
        self.failed: dict[str, str] = {}
        self.contents: dict[str, str] = {}

    def fail(self, video: str, reason: str) -> None:
        """Note that a recording has no features, and why."""
        self.failed[video] = reason

    def add(
        self, video: str, streams: Mapping[str, npt.NDArray[np.floating]], content: str | None = None
    ) -> None:
        """Write the arrays [T, D] of a video's streams; all streams of a video have the same T.

        `content` is the digest of the recording that they were made of.
        """
        self._register(video, streams, content=content)
        for stream, array in streams.items():
            np.save(self._target(stream, video), array, allow_pickle=False)

    def copy(self, video: str, files: Mapping[str, Path], content: str | None = None) -> None:
        """Take arrays that stand in files as they are: copied, since DVC makes what it owns read-only."""
        arrays = {stream: open_array(path) for stream, path in files.items()}
        for stream, array in arrays.items():
            if not np.isfinite(array).all():
                raise HcutalError(f"{files[stream]}: NaN or infinite feature values; expected finite numbers")
        self._register(video, arrays, files, content)
        for stream, path in files.items():
            clone(path, self._target(stream, video))

    def _target(self, stream: str, video: str) -> Path:
        path = self._folder / stream / f"{video}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _register(
        self,
        video: str,
        arrays: Mapping[str, npt.NDArray[np.floating]],
        files: Mapping[str, Path] | None = None,
        content: str | None = None,
    ) -> None:
        for name in (video, *arrays):
            _check_name(name)
        where = {stream: files[stream] if files else f"{video} ({stream})" for stream in arrays}
        sizes = {stream: array.shape[1] for stream, array in arrays.items()}
        self.streams = self.streams or sizes
        if sizes.keys() != self.streams.keys():
            found, expected = (", ".join(sorted(names)) for names in (sizes, self.streams))
            raise HcutalError(f"streams of {video} are {found}; other videos have {expected}")
        for stream, size in sizes.items():
            if self.streams[stream] != size:
                raise HcutalError(f"{where[stream]}: D is {size}; other videos have {self.streams[stream]}")
        lengths = {stream: len(array) for stream, array in arrays.items()}
        if len(set(lengths.values())) > 1:
            raise HcutalError(f"{video}: streams differ in their number of snippets: {lengths}")
        self.lengths[video] = next(iter(lengths.values()))
        if content is not None:
            self.contents[video] = content


@contextmanager
def write_store(
    root: str | Path,
    extractor: str,
    times: SnippetTimes,
    weights: str | None = None,
    settings: Mapping[str, Any] | None = None,
    own_times: Mapping[str, SnippetTimes] | None = None,
) -> Iterator[StoreWriter]:
    """Make a store at `root`, all or nothing: videos are added in the block, the sidecar at its end."""
    with atomic_path(root) as folder:
        folder.mkdir()
        writer = StoreWriter(folder)
        yield writer
        if not writer.lengths:
            reasons = "".join(f"\n  {reason}" for reason in list(writer.failed.values())[:5])
            raise HcutalError(f"{root}: no video to make features of{reasons}")
        meta = FeatureMeta(
            extractor=extractor,
            fps=times.fps,
            snippet_frames=times.frames,
            stride=times.stride,
            offset=times.offset,
            own_times=dict(own_times or {}),
            streams=writer.streams,
            weights=weights,
            videos=len(writer.lengths),
            lengths=writer.lengths,
            settings=dict(settings or {}),
            contents=writer.contents,
            failed=writer.failed,
        )
        write_json(folder / SIDECAR, meta.model_dump())


def open_array(path: Path, size: int | None = None) -> npt.NDArray[np.floating]:
    """Map an array [T, D] of float32 or float16 from a file; `size` is the D that is expected.

    Raises `HcutalError` when the file is missing, unreadable, a pickle, empty, or of another form.
    """
    array = map_array(path)
    if array.ndim != 2 or array.dtype not in (np.float32, np.float16):
        raise HcutalError(f"{path}: {array.dtype} {array.shape}; expected float32 or float16 of shape [T, D]")
    if 0 in array.shape:
        raise HcutalError(f"{path}: shape is {array.shape}; expected at least one snippet and one dimension")
    if size is not None and array.shape[1] != size:
        raise HcutalError(f"{path}: D is {array.shape[1]}; expected {size}")
    return array


def _check_name(name: str) -> None:
    """Raise `HcutalError` for a name of a recording or stream that cannot be that of a file or a folder."""
    is_plain = name not in ("", ".", "..") and not {"/", "\0"} & set(name)
    if not is_plain or len(name.encode()) > MOST_BYTES_IN_NAME:
        raise HcutalError(
            f"the name {name[:60]!r} cannot be that of a file; "
            f"expected no / in it, and {MOST_BYTES_IN_NAME} bytes at most"
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
