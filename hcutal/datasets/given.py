"""Arrays that exist already: taken into the store, as they are or in the one form that it has."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from hcutal.data.feature_array import Array, ArrayForm, ArrayPlace, is_plain, read_array
from hcutal.data.store import StoreWriter, write_store
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.layout import RECORDINGS_ABOUT
from hcutal.params.imported import StreamPart
from hcutal.params.section import validate
from hcutal.progress import worked

Places = Mapping[str, ArrayPlace]


class ArraysAbout(BaseModel):
    """What `recordings.json` says of arrays that exist already: when their snippets were, and how they stand in files.

    `parts` are streams that stand side by side in each array; `trim` is by how many snippets streams may differ;
    `own_times` are the times of single recordings.
    """

    model_config = ConfigDict(frozen=True)

    fps: float = Field(gt=0)
    snippet_frames: int = Field(ge=1)
    stride: int | None = Field(None, ge=1)
    offset: float = Field(0.0, ge=0)
    axes: str = "TD"
    crop: int | None = None
    parts: list[StreamPart] = []
    trim: int = Field(0, ge=0)
    own_times: dict[str, SnippetTimes] = {}

    @property
    def times(self) -> SnippetTimes:
        """Where the snippets stand, side by side unless there is a stride."""
        return SnippetTimes(self.fps, self.snippet_frames, self.stride or self.snippet_frames, self.offset)

    @property
    def form(self) -> ArrayForm:
        """How the arrays are laid out."""
        return ArrayForm(self.axes, self.crop)


def write_about(recordings: Path, fps: float, snippet_frames: int, **more: Any) -> None:
    """Say in `recordings` what the arrays there are: frames a second, frames of a snippet, more of `ArraysAbout`."""
    write_json(recordings / RECORDINGS_ABOUT, {"fps": fps, "snippet_frames": snippet_frames, **more})


def take(
    files: Mapping[str, Places],
    recordings: Path,
    target: Path,
    extractor: str,
    weights: str | None = None,
) -> None:
    """Make a feature store at `target` of the arrays in `files`, by recording and stream.

    What `write_about` told of in `recordings` says how to read them. Raises `HcutalError` for arrays that do not fit
    each other.
    """
    path = recordings / RECORDINGS_ABOUT
    about = validate(ArraysAbout, read_json(path), str(path))
    with write_store(target, extractor, about.times, weights, own_times=about.own_times) as store:
        for video, streams in worked(files.items(), "features", "recording", len(files)):
            _take_one(store, video, streams, about)


def read_streams_of(places: Places, form: ArrayForm, parts: Sequence[StreamPart]) -> dict[str, Array]:
    """The arrays [T, D] of a recording by stream, cut into `parts` where it says so; `HcutalError` as `read_array`."""
    arrays = {stream: read_array(place, form) for stream, place in places.items()}
    if not parts:
        return arrays
    if len(arrays) != 1:
        raise HcutalError(f"parts: streams are {', '.join(arrays)}; expected one array that holds all parts")
    ((place, array),) = zip(places.values(), arrays.values(), strict=True)
    total = sum(part.size for part in parts)
    if array.shape[1] != total:
        raise HcutalError(f"{place}: D is {array.shape[1]}; expected {total}, that of all parts")
    cuts = np.cumsum([part.size for part in parts])[:-1]
    return {part.stream: piece for part, piece in zip(parts, np.split(array, cuts, axis=1), strict=True)}


def _take_one(store: StoreWriter, video: str, places: Places, about: ArraysAbout) -> None:
    is_plain_all = all(is_plain(place, about.form) for place in places.values())
    if not about.parts and is_plain_all and not about.trim:
        store.copy(video, {stream: place.path for stream, place in places.items()})
        return
    arrays = _trimmed(read_streams_of(places, about.form, about.parts), about.trim)
    for stream, array in arrays.items():
        if not np.isfinite(array).all():
            raise HcutalError(f"{video} ({stream}): NaN or infinite feature values; expected finite numbers")
    store.add(video, {stream: np.ascontiguousarray(array) for stream, array in arrays.items()})


def _trimmed(arrays: dict[str, Array], trim: int) -> dict[str, Array]:
    """The arrays cut to the length of the shortest, where they differ by so many snippets at most."""
    lengths = [len(array) for array in arrays.values()]
    if max(lengths) - min(lengths) > trim:
        return arrays
    return {stream: array[: min(lengths)] for stream, array in arrays.items()}
