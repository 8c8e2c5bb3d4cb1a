"""Arrays that exist already: checked one by one and taken into the store as they are."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from tqdm import tqdm

from hcutal.data.store import write_store
from hcutal.data.times import SnippetTimes
from hcutal.files import read_json, write_json
from hcutal.layout import RECORDINGS_ABOUT
from hcutal.params.section import validate


class ArraysAbout(BaseModel):
    """What `recordings.json` says of arrays that exist already, by which their snippets have times."""

    model_config = ConfigDict(frozen=True)

    fps: float = Field(gt=0)
    snippet_frames: int = Field(ge=1)


def write_about(recordings: Path, fps: float, snippet_frames: int, **more: int) -> None:
    """Say in `recordings` what the arrays there are: frames a second, frames of a snippet."""
    write_json(recordings / RECORDINGS_ABOUT, {"fps": fps, "snippet_frames": snippet_frames, **more})


def take(
    files: Mapping[str, Mapping[str, Path]],
    recordings: Path,
    target: Path,
    extractor: str,
    weights: str | None = None,
) -> None:
    """Make a feature store at `target` of the arrays [T, D] in `files`, by recording and stream.

    Snippets are those that `write_about` told of in `recordings`, side by side. Raises `HcutalError` for arrays
    that do not fit each other.
    """
    path = recordings / RECORDINGS_ABOUT
    about = validate(ArraysAbout, read_json(path), str(path))
    times = SnippetTimes(about.fps, about.snippet_frames, about.snippet_frames)
    with write_store(target, extractor, times, weights) as store:
        for video, streams in tqdm(files.items(), desc="features", disable=None):
            store.copy(video, streams)
