"""Recordings of a data set put together, so that each shows several actions one after the other."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.data.store import FeatureStore, write_store
from hcutal.files import read_json, write_json
from hcutal.layout import DatasetFiles, features_dir
from hcutal.tables import read_table, write_frame


def join(dataset: str, number: int, seed: int) -> None:
    """Put `number` recordings at a time of a prepared data set with features together, of different classes if it goes.

    The data and the features are replaced. A recording lasts as long as its snippets, and what comes after it is moved
    by that.
    """
    data, features = DatasetFiles.of(dataset), features_dir(dataset)
    store = FeatureStore(features)
    rows = read_table(data.videos, {"video": str, "subset": str, "duration": float})
    found = read_json(data.annotations)["database"]
    groups = {}
    for subset, own in rows.groupby("subset", sort=False):
        labels = {video: [each["label"] for each in found[video]["annotations"]] for video in own["video"]}
        for index, group in enumerate(_groups(labels, number, seed)):
            groups[f"{subset}_{index:03d}"] = (subset, group)
    times = store.meta.times
    database, videos = {}, []
    with write_store("joined", store.meta.extractor, times) as writer:
        for name, (subset, group) in groups.items():
            lengths = [store.length(video) * times.step for video in group]
            starts = np.cumsum([0.0, *lengths])
            annotations = [
                {"label": each["label"], "segment": [float(start) + edge for edge in each["segment"]]}
                for video, start in zip(group, starts, strict=False)
                for each in found[video]["annotations"]
            ]
            duration = float(starts[-1])
            database[name] = {"subset": subset, "duration": duration, "annotations": annotations}
            videos.append({"video": name, "subset": subset, "duration": duration})
            parts = [store.parts(video) for video in group]
            streams = zip(store.meta.streams, zip(*parts, strict=True), strict=True)
            writer.add(name, {stream: np.concatenate(arrays) for stream, arrays in streams})
    shutil.rmtree(features)
    Path("joined").rename(features)
    write_json(data.annotations, {"version": "joined", "database": database})
    labels = {
        name: sorted({each["label"] for each in entry["annotations"]}) for name, entry in database.items()
    }
    write_json(data.labels, labels)
    write_frame(data.videos, pd.DataFrame(videos))
    trained = {name: own for name, own in labels.items() if groups[name][0] == "train"}
    for setting in ("weak", "mapped"):
        write_json(data.supervision(setting), {"supervision": setting, "labels": trained})


def _groups(labels: dict[str, list[str]], number: int, seed: int) -> list[list[str]]:
    """The recordings in a random order, `number` at a time; each has another class than those before it, if one has."""
    left = [str(video) for video in np.random.default_rng(seed).permutation(list(labels))]
    groups = []
    while left:
        group = [left.pop(0)]
        while left and len(group) < number:
            shown = {label for video in group for label in labels[video]}
            other = (index for index, video in enumerate(left) if not shown.intersection(labels[video]))
            group.append(left.pop(next(other, 0)))
        groups.append(group)
    return groups
