"""A folder of recordings that nobody cut into features yet: videos, sensor logs, skeletons.

Every file that the extractor reads is a recording. With annotations their subsets decide who is trained on and who
is tested; without, every recording is both.
"""

import logging
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from hcutal.data.annotations import INSTANCE_COLUMNS, VIDEO_COLUMNS, Annotations, read_annotations
from hcutal.data.dataset import write_dataset
from hcutal.errors import HcutalError
from hcutal.extract.extractor import Extractor
from hcutal.extract.find import find_recordings
from hcutal.extract.registry import Recipe
from hcutal.files import atomic_path, write_csv
from hcutal.layout import labels_dir
from hcutal.params.features import RecordingsFeatures
from hcutal.params.prepare import RecordingsPrepare
from hcutal.params.section import read_section

INDEX_COLUMNS = ["video", "path", "duration"]
log = logging.getLogger(__name__)


def prepare(folder: Path, params: RecordingsPrepare, source: Path) -> None:
    """Write a data set's files and recordings/index.csv (video, path, duration) to `folder`.

    A recording that cannot be read stays in the list: the features stage says what is wrong with it.
    """
    features = read_section(RecordingsFeatures, "datasets", folder.name, "features")
    extractor = Recipe(features.extractor, features.values).make()
    files = find_recordings(source, extractor.suffixes)
    durations = {
        name: _probe(extractor, path)
        for name, path in tqdm(files.items(), desc="prepare", unit="recording", disable=None)
    }
    videos = pd.DataFrame([(name, "both", durations[name]) for name in files], columns=VIDEO_COLUMNS)
    annotations = Annotations(videos, pd.DataFrame(columns=INSTANCE_COLUMNS))
    if params.annotations is not None:
        videos, annotations = _annotated(videos, labels_dir() / params.annotations)
    with atomic_path(folder / "recordings") as target:
        target.mkdir()
        rows = [
            dict(zip(INDEX_COLUMNS, (name, str(path), durations[name]), strict=True))
            for name, path in files.items()
        ]
        write_csv(target / "index.csv", rows, INDEX_COLUMNS)
    write_dataset(folder, annotations, videos)


def _probe(extractor: Extractor, path: Path) -> float:
    try:
        return extractor.probe(path)
    except HcutalError as error:
        log.warning("%s", error)
        return float("nan")


def _annotated(videos: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, Annotations]:
    """The list of videos with their subsets, and what is annotated of them.

    Those that are not annotated are trained on. Where the file has no training or no test recordings among
    them, all are both. The list knows nothing of where instances end, the annotations do.
    """
    known = read_annotations(path).select(list(videos["video"]))
    if known.videos.empty:
        first = read_annotations(path).videos["video"].iloc[0]
        raise HcutalError(
            f"{path}: none of its videos is among the recordings; its first is called {first!r}, "
            f"the first recording {videos['video'].iloc[0]!r}"
        )
    subset = videos["video"].map(known.videos.set_index("video")["subset"]).fillna("train")
    if not {"train", "test"} <= set(subset):
        subset = pd.Series("both", index=videos.index)
    listed = videos.assign(subset=subset)
    annotated = listed[listed["video"].isin(known.videos["video"])]
    ends = annotated["video"].map(known.instances.groupby("video")["end"].max())
    return listed, Annotations(
        annotated.assign(duration=annotated["duration"].where(~(annotated["duration"] < ends), ends)),
        known.instances,
    )
