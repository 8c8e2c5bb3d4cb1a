"""What `prepare` leaves in a data set's folder, whatever its kind."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from hcutal.data.annotations import VIDEO_COLUMNS, Annotations, write_annotations
from hcutal.data.subsets import belongs
from hcutal.files import write_json
from hcutal.layout import DatasetFiles
from hcutal.tables import write_table


def write_dataset(
    folder: Path,
    annotations: Annotations,
    videos: pd.DataFrame | None = None,
    taught: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write annotations.json, labels.json, videos.csv and supervision/{unsupervised,weak,mapped}.json.

    `videos` stands in videos.csv in the place of the annotations' own list, and may hold recordings that nobody
    annotated.

    `taught` are labels of recordings for supervision weak alone: those of the annotations have no part in it then, and
    training videos that have none are not trained on (`partial`).

    Segments stand in annotations.json alone, labels also in labels.json and, of the training videos, in the
    files of the settings that may use them.
    """
    listed = annotations.videos if videos is None else videos
    known = annotations.labels()
    labels = {video: known.get(video, []) for video in listed["video"]}
    train = {video: labels[video] for video in listed.loc[belongs(listed["subset"], "train"), "video"]}
    files = DatasetFiles(folder)
    write_annotations(files.annotations, annotations)
    write_json(files.labels, labels)
    rows = [
        dict(zip(VIDEO_COLUMNS, row, strict=True)) for row in listed[VIDEO_COLUMNS].itertuples(index=False)
    ]
    write_table(files.videos, rows, VIDEO_COLUMNS)
    write_json(files.supervision("unsupervised"), {"supervision": "unsupervised", "labels": None})
    write_json(files.supervision("mapped"), {"supervision": "mapped", "labels": train})
    weak: dict[str, Any] = {"supervision": "weak", "labels": train}
    if taught is not None:
        weak |= {"labels": {video: taught[video] for video in train if video in taught}, "partial": True}
    write_json(files.supervision("weak"), weak)


def listed_path(path: Path, source: Path) -> str:
    """How a list names a file of the folder `source`: from the project (the present folder), or absolute.

    From the project where the file lies in it, or where `source` is given so: a project that is copied or moved then
    reads and shows its own files.
    """
    inside = path.is_relative_to(Path.cwd())
    return os.path.relpath(path) if inside or not source.is_absolute() else str(path)
