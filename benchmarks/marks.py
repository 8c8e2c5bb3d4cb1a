"""Do names and marks help? Segments before and after a run was taught, against what is true.

python benchmarks/marks.py FOLDER

A folder of smart-watch recordings without labels is made of the built-in data and run. A person who is always right is
then played: each cluster gets the name of what most of its recordings show, and in some recordings the surest segment
of each label is marked right, or wrong and what it is. The run is taught by the names alone, and by names and marks,
with three seeds.
"""

import argparse
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import chdir
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.cluster.assigned import read_assigned
from hcutal.cluster.mapping import training_id
from hcutal.data.ground_truth import read_ground_truth
from hcutal.datasets import watch
from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.predictions import read_predictions
from hcutal.labelling.marks import RIGHT, WRONG, Mark, write_marks
from hcutal.labelling.run_labels import Change, RunLabels
from hcutal.layout import RunPaths, marks_file
from hcutal.params.watch import WatchPrepare

RUN, TAUGHT, SEEDS = "recordings.0", "recordings-taught", "0,1,2"
TIOU = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
# Recordings with marks, in a random order: none, some, all.
SOME = 15


def main() -> None:
    """Print a line a state: average mAP, of all recordings and of those beyond the first `SOME`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recordings", type=int, default=50)
    options = parser.parse_args()
    folder = options.folder.resolve()
    watch.prepare(folder / "made", WatchPrepare(train_recordings=options.recordings, test_recordings=1))
    shutil.copytree(folder / "made/recordings", folder / "recordings")
    hcutal(folder, "new", "project", "--recordings", "recordings", "--extractor", "watch")
    truth = read_ground_truth(folder / "made/annotations.json").instances
    with chdir(folder / "project"):
        hcutal(Path(), "run", RUN)
        name_clusters(truth)
        hcutal(Path(), "run", RUN)
        recordings = np.random.default_rng(0).permutation(sorted(truth["video"].unique())).tolist()
        others = set(recordings[SOME:])
        report("names, not taught", [RUN], truth, others)
        for number in (0, SOME, len(recordings)):
            made = marks(truth, set(recordings[:number]))
            write_marks(marks_file(RUN), made)
            hcutal(Path(), "teach", RUN)
            hcutal(Path(), "run", TAUGHT, "--seeds", SEEDS)
            wrong = sum(mark.verdict == WRONG for mark in made)
            what = f"taught: names, {len(made)} marks in {number} recordings, {wrong} of them wrong"
            report(what, [f"{TAUGHT}.{seed}" for seed in SEEDS.split(",")], truth, others)


def hcutal(folder: Path, *arguments: str) -> None:
    """One command in a folder."""
    subprocess.run([sys.executable, "-m", "hcutal.cli", *arguments], cwd=folder, check=True)


def name_clusters(truth: pd.DataFrame) -> None:
    """Each cluster gets the name of what most of its recordings show."""
    shown = truth.groupby("video")["label"].agg(lambda labels: Counter(labels).most_common(1)[0][0])
    assigned = read_assigned(RunPaths.of(RUN).pseudo_labels)
    assigned["shown"] = assigned["video"].map(shown)
    names = {
        str(cluster): Counter(rows["shown"]).most_common(1)[0][0]
        for cluster, rows in assigned.groupby("cluster")
    }
    said = RunLabels(RUN)
    said.change(Change(training=said.training, names=names))


def marks(truth: pd.DataFrame, recordings: set[str]) -> list[Mark]:
    """The surest segment of each label in some recordings: right where it shares half of its time with its label."""
    files = RunPaths.of(RUN)
    training = training_id(files.pseudo_labels)
    found = read_predictions(files.proposals).sort_values("score", ascending=False)
    found = found[found["video"].isin(recordings)].drop_duplicates(["video", "label"])
    made = []
    for row in found[found["score"] >= 0.3].itertuples():
        own = truth[truth["video"] == row.video]
        shared = (np.minimum(own["end"], row.end) - np.maximum(own["start"], row.start)).clip(lower=0)
        of_labels = shared.groupby(own["label"]).sum()
        best, seconds = of_labels.idxmax(), of_labels.max()
        name = best if seconds >= (row.end - row.start) / 2 else ""
        verdict = RIGHT if name == row.label else WRONG
        given = "" if verdict == RIGHT else name
        made.append(Mark(row.video, row.start, row.end, row.label, "", verdict, given, training))
    return made


def report(what: str, runs: list[str], truth: pd.DataFrame, others: set[str]) -> None:
    """Print the average mAP of some runs, and its mean, of all recordings and of the others."""
    for name, videos in {"of all": set(truth["video"]), f"beyond the first {SOME}": others}.items():
        true = part(truth, videos)
        scores = [
            detection_map(true, part(read_predictions(RunPaths.of(run).proposals), videos), TIOU).average_map
            for run in runs
        ]
        listed = ", ".join(f"{score:.3f}" for score in scores)
        print(f"{what}: {np.mean(scores):.3f} {name} ({listed})", flush=True)


def part(table: pd.DataFrame, videos: set[str]) -> pd.DataFrame:
    """The rows of some recordings."""
    return table[table["video"].isin(videos)]


if __name__ == "__main__":
    main()
