"""Time of mean average precision on two made-up loads, against the straightforward per-prediction loop.

Run from the project's root: `python benchmarks/detection_map.py [--skip-reference]`.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.recall import average_recall
from hcutal.evaluate.predictions import read_predictions
from hcutal.files import write_json


class Load(NamedTuple):
    """A size of the task."""

    name: str
    videos: int
    classes: int
    instances: int
    predictions: int
    tiou: list[float]


LOADS = [
    Load("THUMOS'14", 213, 20, 3_358, 100_000, [round(0.1 * step, 1) for step in range(1, 8)]),
    Load("ActivityNet 1.3", 4_926, 200, 7_654, 500_000, [round(0.5 + 0.05 * step, 2) for step in range(10)]),
]


def make(load: Load, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ground truth with one or two classes a video, and predictions of which half are jittered instances."""
    video = rng.integers(load.videos, size=load.instances)
    start = rng.uniform(0, 200, load.instances)
    label = (video * 7 + (rng.uniform(size=load.instances) < 0.1)) % load.classes
    truth = _table(video, start, start + rng.uniform(1, 30, load.instances), label)
    source = truth.iloc[rng.integers(load.instances, size=load.predictions)].reset_index(drop=True)
    length = (source["end"] - source["start"]) * rng.uniform(0.5, 1.5, load.predictions)
    near = rng.uniform(size=load.predictions) < 0.5
    start = np.where(
        near, source["start"] + rng.normal(0, 3, load.predictions), rng.uniform(0, 200, load.predictions)
    )
    predictions = source.assign(start=start, end=start + length, score=rng.uniform(size=load.predictions))
    return truth, predictions.sort_values("video", kind="stable", ignore_index=True)


def _table(video: Any, start: Any, end: Any, label: Any) -> pd.DataFrame:
    names = pd.DataFrame({"video": video, "label": label}).astype(str).radd(["video_", "class_"])
    return pd.DataFrame({"video": names["video"], "start": start, "end": end, "label": names["label"]})


def reference_map(truth: pd.DataFrame, found: pd.DataFrame, tiou: list[float]) -> float:
    """Average mAP by the definition: one prediction and one threshold after the other."""
    scores = []
    groups = {
        label: rows.sort_values("score", ascending=False, kind="stable")
        for label, rows in found.groupby("label")
    }
    for label, rows in truth.groupby("label"):
        by_video = {
            video: (own["start"].to_numpy(), own["end"].to_numpy()) for video, own in rows.groupby("video")
        }
        taken = {
            video: np.zeros((len(tiou), start.size), dtype=bool) for video, (start, _) in by_video.items()
        }
        ranked = groups.get(str(label), found.head(0))
        true = np.zeros((len(tiou), len(ranked)), dtype=bool)
        for place, row in enumerate(ranked.itertuples(index=False)):
            video = str(row.video)
            if video in by_video:
                _match(row, *by_video[video], taken[video], true[:, place], tiou)
        scores += [_area(row, len(rows)) for row in true]
    return float(np.mean(scores))


def _match(row: Any, start: Any, end: Any, taken: Any, true: Any, tiou: list[float]) -> None:
    intersection = np.maximum(np.minimum(row.end, end) - np.maximum(row.start, start), 0)
    overlap = intersection / (row.end - row.start + end - start - intersection)
    order = np.argsort(-overlap, kind="stable")
    for index, threshold in enumerate(tiou):
        for instance in order:
            if overlap[instance] < threshold:
                break
            if not taken[index, instance]:
                taken[index, instance] = true[index] = True
                break


def _area(true: Any, instances: int) -> float:
    precision = np.cumsum(true) / np.arange(1, true.size + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best[true].sum() / instances)


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds that `action` takes, and its value."""
    begin = time.process_time()
    value = action()
    return time.process_time() - begin, value


def run(load: Load, with_reference: bool) -> None:
    """Print the times of one load."""
    truth, predictions = make(load, np.random.default_rng(0))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "proposals.json"
        records = predictions.assign(segment=pd.Series(predictions[["start", "end"]].to_numpy().tolist()))
        results = {
            video: rows[["label", "score", "segment"]].to_dict("records")
            for video, rows in records.groupby("video")
        }
        write_json(path, {"version": "1.0", "results": results, "external_data": {}})
        reading, found = timed(lambda: read_predictions(path))
    scoring, result = timed(lambda: detection_map(truth, found, load.tiou))
    recall, _ = timed(lambda: average_recall(truth, found, load.tiou, [1, 5, 10, 50, 100]))
    print(
        f"{load.name}: {load.videos} videos x {load.classes} classes, {load.predictions} predictions, "
        f"{len(load.tiou)} tIoU: average mAP {result.average_map:.4f}"
    )
    print(f"  reading {reading:.2f} s, mAP {scoring:.2f} s, average recall {recall:.2f} s (CPU)")
    if with_reference:
        slow, value = timed(lambda: reference_map(truth, predictions, load.tiou))
        print(
            f"  per-prediction loop {slow:.1f} s: {slow / scoring:.0f} times as long; "
            f"differs by {abs(value - result.average_map):.1e}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skip-reference", action="store_true", help="do not time the slow loop")
    arguments = parser.parse_args()
    for load in LOADS:
        run(load, not arguments.skip_reference)
