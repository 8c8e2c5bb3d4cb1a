"""Features that a user has, in a layout of the field (`feature_folder`).

The arrays stay where they are: `prepare` checks them and writes recordings/index.csv, which says where each
one is and what it holds.
"""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.data.annotations import Annotations
from hcutal.data.feature_array import ArrayPlace
from hcutal.datasets.feature_folder import FeatureFolder, check_folder, times_of
from hcutal.datasets.given import take, write_about
from hcutal.datasets.prepared import listed_path, write_dataset
from hcutal.files import atomic_path
from hcutal.hashes import KnownDigests
from hcutal.layout import RECORDINGS_INDEX
from hcutal.params.imported import ImportedFeatures, ImportedPrepare
from hcutal.tables import read_table, write_table

INDEX_COLUMNS = ["video", "stream", "path", "key", "content"]


def prepare(folder: Path, params: ImportedPrepare, source: Path) -> None:
    """Check the folder `source` in full and write a data set's files and recordings/index.csv to `folder`."""
    root = check_folder(source, params)
    root.findings.refuse(source)
    assert root.annotations is not None
    videos = root.annotations.videos
    featured = {video: root.times[video].end(length) for video, length in root.lengths.items()}
    known = videos.assign(duration=videos["duration"].fillna(videos["video"].map(featured).astype(float)))
    digests = KnownDigests()
    with atomic_path(folder / "recordings") as target:
        target.mkdir()
        rows = [
            {
                "video": file.video,
                "stream": file.stream,
                "path": listed_path(file.place.path, source),
                "key": file.place.key,
                "content": digests.of(file.place.path),
            }
            for file in root.files
        ]
        write_table(target / RECORDINGS_INDEX, rows, INDEX_COLUMNS)
        write_about(target, params.fps, params.snippet_frames, **_about(root, params))
    digests.save()
    write_dataset(
        folder, Annotations(_with_ends(videos, known, root.annotations), root.annotations.instances), known
    )


def features(recordings: Path, target: Path, params: ImportedFeatures) -> None:
    """Make a feature store at `target` of the arrays that recordings/index.csv lists."""
    files: dict[str, dict[str, ArrayPlace]] = {}
    columns = {"video": str, "stream": str, "path": str}
    for row in read_table(recordings / RECORDINGS_INDEX, columns, {"key": str}).to_dict("records"):
        place = ArrayPlace(Path(row["path"]), row.get("key", ""))
        files.setdefault(row["video"], {})[row["stream"]] = place
    take(files, recordings, target, params.extractor, params.weights)


def _about(root: FeatureFolder, params: ImportedPrepare) -> dict[str, object]:
    """What recordings.json says beyond fps and snippet_frames; what is as usual is not said."""
    common = times_of(params)
    said = {
        "stride": params.stride,
        "offset": params.offset,
        "axes": None if params.axes == "TD" else params.axes,
        "crop": params.crop,
        "parts": [part.model_dump() for part in params.parts],
        "trim": params.trim or None,
        "own_times": {video: asdict(times) for video, times in root.times.items() if times != common},
    }
    return {
        "unused_files": root.extra,
        **{key: value for key, value in said.items() if value not in (None, 0.0, {}, [])},
    }


def _with_ends(given: pd.DataFrame, known: pd.DataFrame, annotations: Annotations) -> pd.DataFrame:
    """The list of the annotations' file: a duration taken from features reaches to the last instance's end.

    One that was given stays as it is. This list is not the one in videos.csv, which knows nothing of instances.
    """
    ends = annotations.instances.groupby("video")["end"].max()
    last = known["video"].map(ends).fillna(0.0)
    longer = np.maximum(known["duration"], last)
    return known.assign(duration=known["duration"].where(given["duration"].notna(), longer))
