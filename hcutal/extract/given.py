"""Features that exist already: checked one by one and taken into the store as they are."""

from pathlib import Path

import pandas as pd
from tqdm import tqdm

from hcutal.data.store import write_store
from hcutal.errors import HcutalError
from hcutal.files import read_json
from hcutal.params.features import ImportedFeatures, SimulatedFeatures

INDEX_COLUMNS = ["video", "stream", "path"]


def take_arrays(recordings: Path, target: Path, params: SimulatedFeatures) -> None:
    """Make a feature store at `target` of recordings/<stream>/<video>.npy and recordings.json."""
    streams = sorted(path.name for path in recordings.iterdir() if path.is_dir())
    files: dict[str, dict[str, Path]] = {}
    for stream in streams:
        for path in sorted((recordings / stream).glob("*.npy")):
            files.setdefault(path.stem, {})[stream] = path
    _take(files, recordings, target, "simulated", None)


def take_listed(recordings: Path, target: Path, params: ImportedFeatures) -> None:
    """Make a feature store at `target` of the arrays that recordings/index.csv lists, and recordings.json."""
    index = pd.read_csv(recordings / "index.csv", dtype=str)
    if list(index.columns) != INDEX_COLUMNS:
        raise HcutalError(
            f"{recordings / 'index.csv'}: columns are {list(index.columns)}; expected {INDEX_COLUMNS}"
        )
    files: dict[str, dict[str, Path]] = {}
    for video, stream, path in index.itertuples(index=False):
        files.setdefault(video, {})[stream] = Path(path)
    _take(files, recordings, target, params.extractor, params.weights)


def _take(
    files: dict[str, dict[str, Path]], recordings: Path, target: Path, extractor: str, weights: str | None
) -> None:
    about = read_json(recordings / "recordings.json")
    frames = int(about["snippet_frames"])
    with write_store(target, extractor, float(about["fps"]), frames, frames, weights) as store:
        for video, streams in tqdm(files.items(), desc="features", disable=None):
            store.link(video, streams)
