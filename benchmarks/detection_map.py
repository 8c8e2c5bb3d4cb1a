"""Time and memory of mean average precision on two made-up loads, against the straightforward per-prediction loop.

Run from the project's root: `OMP_NUM_THREADS=1 python benchmarks/detection_map.py [--skip-reference]`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from hcutal.data.annotations import Annotations, write_annotations
from hcutal.data.ground_truth import read_ground_truth
from hcutal.evaluate.bootstrap import bootstrap_map
from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.predictions import read_predictions
from hcutal.evaluate.recall import recall_and_area
from hcutal.files import write_json

RECALL_TIOU = [round(0.5 + 0.05 * step, 2) for step in range(10)]


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
    Load("ActivityNet 1.3", 4_926, 200, 7_654, 500_000, RECALL_TIOU),
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


def reference_read(truth: Path, predictions: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both files as published evaluators read them: json, and a list for each column."""
    instances = [
        (video, *record["segment"], record["label"])
        for video, entry in json.loads(truth.read_text())["database"].items()
        for record in entry["annotations"]
    ]
    found = [
        (video, *record["segment"], record["label"], record["score"])
        for video, records in json.loads(predictions.read_text())["results"].items()
        for record in records
    ]
    columns = ["video", "start", "end", "label", "score"]
    return pd.DataFrame(instances, columns=columns[:4]), pd.DataFrame(found, columns=columns)


def write(folder: Path, load: Load) -> tuple[Path, Path]:
    """The load as two files, in ActivityNet's forms."""
    truth, predictions = make(load, np.random.default_rng(0))
    names = [f"video_{number}" for number in range(load.videos)]
    videos = pd.DataFrame({"video": names, "subset": "test", "duration": 250.0})
    write_annotations(folder / "truth.json", Annotations(videos, truth))
    records = predictions.assign(segment=pd.Series(predictions[["start", "end"]].to_numpy().tolist()))
    results = {
        video: rows[["label", "score", "segment"]].to_dict("records")
        for video, rows in records.groupby("video")
    }
    write_json(folder / "found.json", {"version": "1.0", "results": results, "external_data": {}})
    return folder / "truth.json", folder / "found.json"


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds that `action` takes, and its value."""
    begin = time.process_time()
    value = action()
    return time.process_time() - begin, value


# A process between, which is small: a child's peak memory is at least that of its parent when it starts.
MEASURE = """
import os, sys
pid = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *sys.argv[1:]])
_, status, usage = os.wait4(pid, 0)
print(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
"""


def process(*arguments: object, repeats: int = 3) -> tuple[float, float]:
    """CPU seconds of Python with ARGUMENTS as a process of its own, the least of a few, and its peak memory in MB."""
    line = [sys.executable, "-c", MEASURE, *map(str, arguments)]
    figures = []
    for _ in range(repeats):
        printed = subprocess.run(line, capture_output=True, text=True, check=True).stdout
        status, seconds, memory = map(float, printed.splitlines()[-1].split())
        if status:
            raise SystemExit(f"python {' '.join(map(str, arguments))} failed")
        figures.append((seconds, memory))
    return min(figures)


def run(load: Load, with_reference: bool) -> None:
    """Print the times of one load."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truth_file, found_file = write(folder, load)
        reading_truth, truth = timed(lambda: read_ground_truth(truth_file))
        reading_found, found = timed(lambda: read_predictions(found_file))
        scoring, result = timed(lambda: detection_map(truth.instances, found, load.tiou))
        whole = reading_truth + reading_found + scoring
        instances, videos = truth.instances, list(truth.videos["video"])
        recall, _ = timed(lambda: recall_and_area(instances, found, RECALL_TIOU, [1, 5, 10, 50, 100]))
        drawing, _ = timed(lambda: bootstrap_map(instances, found, videos, load.tiou, 1000, 0))
        tiou = ",".join(map(str, load.tiou))
        options = ["--ground-truth", truth_file, "--predictions", found_file, "--tiou", tiou]
        evaluate = ["-m", "hcutal.cli", "evaluate", *options, "--draws", 0, "--output", folder / "out.json"]
        plain, memory = process(*evaluate)
        least, _ = process(*evaluate, "--metrics", "map")
        imports, _ = process("-c", "import numpy, pandas")
        print(
            f"{load.name}: {load.videos} videos x {load.classes} classes, {load.predictions} predictions "
            f"({found_file.stat().st_size / 1e6:.0f} MB), {len(load.tiou)} tIoU: "
            f"average mAP {result.average_map:.4f}"
        )
        print(
            f"  reading and mAP {whole:.2f} s CPU: ground truth {reading_truth:.2f}, predictions "
            f"{reading_found:.2f}, mAP {scoring:.2f}; beyond that average recall and its area {recall:.2f}, "
            f"1000 draws {drawing:.2f}"
        )
        print(
            f"  `hcutal evaluate --draws 0`, the whole process: {plain:.2f} s CPU, peak memory {memory:.0f} MB; with "
            f"`--metrics map` {least:.2f} s; of that NumPy and pandas {imports:.2f} s"
        )
        if with_reference:
            slow_reading, tables = timed(lambda: reference_read(truth_file, found_file))
            slow, value = timed(lambda: reference_map(*tables, load.tiou))
            print(
                f"  per-prediction loop: reading {slow_reading:.2f} s, mAP {slow:.1f} s; in all "
                f"{(slow_reading + slow) / whole:.0f} times as long, mAP alone {slow / scoring:.0f} times; "
                f"differs by {abs(value - result.average_map):.1e}"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skip-reference", action="store_true", help="do not time the slow loop")
    arguments = parser.parse_args()
    for load in LOADS:
        run(load, not arguments.skip_reference)
