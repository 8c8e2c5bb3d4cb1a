"""Which proposals people should see: F1 of segments of training recordings at tIoU 0.5, by lowest score and overlap.

Run `python benchmarks/segments.py [EXPERIMENT]...` in the folder of a project whose experiments have run. It looks at
the labels of training recordings; the defaults of `hcutal localize` were chosen by it, one for all data.
"""

import argparse

import pandas as pd

from hcutal.apply.trained import find_run
from hcutal.data.annotations import read_annotations
from hcutal.data.store import FeatureStore
from hcutal.files import read_json
from hcutal.layout import RESOLVED, DatasetFiles, features_dir
from hcutal.localize.choice import Choice
from hcutal.localize.segments import select
from hcutal.report.intervals import Intervals
from hcutal.report.timeline import matches

TIOU = 0.5
SCORES = [-1.0, 0.1, 0.2, 0.3, 0.4, 0.5]
OVERLAPS = [0.0, 0.1, 0.3]


def table(experiment: str) -> pd.DataFrame:
    """F1 of an experiment: a row an overlap, a column a lowest score."""
    dataset = read_json(RESOLVED)["experiments"][experiment]["dataset"]
    run, store = find_run(experiment).load(), FeatureStore(features_dir(dataset))
    annotations = read_annotations(DatasetFiles.of(dataset).annotations)
    videos = annotations.videos[annotations.videos["subset"] == "train"]
    proposals, truth = {}, {}
    for video, duration in zip(videos["video"], videos["duration"], strict=True):
        proposals[video] = run.localize(store.read(video), duration).proposals
        truth[video] = Intervals.from_table(annotations.instances[annotations.instances["video"] == video])
    rows = {
        f"overlap {overlap:g}": {
            f"score {score:g}": f1(proposals, truth, Choice(overlap, score)) for score in SCORES
        }
        for overlap in OVERLAPS
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def f1(proposals: dict[str, pd.DataFrame], truth: dict[str, Intervals], choice: Choice) -> float:
    """Twice the right segments over all segments and instances."""
    right = shown = 0
    for video, instances in truth.items():
        segments = Intervals.from_table(select(proposals[video], choice))
        shown += len(segments)
        right += int(matches(segments, instances, TIOU).sum())
    return 2 * right / (shown + sum(map(len, truth.values())))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiments", nargs="*", default=["watch", "simulated"])
    for experiment in parser.parse_args().experiments:
        print(f"\n{experiment}\n\n{table(experiment).to_markdown(floatfmt='.3f')}")


if __name__ == "__main__":
    main()
