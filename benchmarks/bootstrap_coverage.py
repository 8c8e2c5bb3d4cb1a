"""How often the bootstrap's intervals hold the mean mAP of many sets of videos from the same made-up world.

Run from the project's root: `OMP_NUM_THREADS=1 python benchmarks/bootstrap_coverage.py [--sets N]`.
"""

import argparse

import numpy as np
import pandas as pd

from hcutal.evaluate.bootstrap import map_intervals
from hcutal.evaluate.detection import match
from hcutal.evaluate.draws import drawn_maps

VIDEOS, CLASSES, TIOU, DRAWS, LEVEL = 100, 10, [0.3, 0.5, 0.7], 400, 0.95


def make(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A set of videos, some of them hard: instances, and a detector whose score tells something of the overlap."""
    video = np.repeat(np.arange(VIDEOS), rng.poisson(8, VIDEOS) + 1)
    start = rng.uniform(0, 200, video.size)
    end = start + rng.uniform(2, 20, video.size)
    spread = 2 * np.exp(0.7 * rng.normal(size=VIDEOS))[video]
    parts = []
    for _ in range(4):
        from_, to = start + spread * rng.normal(size=video.size), end + spread * rng.normal(size=video.size)
        to = np.maximum(to, from_ + 0.5)
        error = (np.abs(from_ - start) + np.abs(to - end)) / (end - start)
        parts.append((video, from_, to, rng.normal(0, 0.5, video.size) - error))
    elsewhere = np.repeat(video, 3)
    from_ = rng.uniform(0, 200, elsewhere.size)
    score = rng.normal(-1.5, 0.6, elsewhere.size)
    parts.append((elsewhere, from_, from_ + rng.uniform(2, 20, elsewhere.size), score))
    columns = [np.concatenate(values) for values in zip(*parts, strict=True)]
    truth = _table(video, start, end)
    return truth, _table(*columns[:3]).assign(score=columns[3])


def _table(video: np.ndarray, start: np.ndarray, end: np.ndarray) -> pd.DataFrame:
    label = pd.Series(video % CLASSES).astype(str)
    return pd.DataFrame({"video": pd.Series(video).astype(str), "start": start, "end": end, "label": label})


def run(sets: int) -> None:
    """Print the coverage of the intervals, and that of plain percentiles of the draws."""
    names = [str(number) for number in range(VIDEOS)]
    scores, shifted, plain = [], [], []
    for seed in range(sets):
        truth, found = make(np.random.default_rng(seed))
        matches = match(truth, found, TIOU)
        ends = map_intervals(matches, truth, found, names, DRAWS, seed, LEVEL)
        drawn = drawn_maps(matches, truth, found, names, DRAWS, seed).mean(axis=1)
        scores.append(matches.result().average_map)
        shifted.append(ends.average)
        plain.append(np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    mean = float(np.mean(scores))
    print(
        f"{sets} sets of {VIDEOS} videos, {DRAWS} draws each: average mAP {mean:.4f}, SD {np.std(scores):.4f}"
    )
    for name, ends in (("shifted to the mAP", np.array(shifted)), ("plain percentiles", np.array(plain))):
        covered = np.mean((ends[:, 0] <= mean) & (mean <= ends[:, 1]))
        width = np.mean(ends[:, 1] - ends[:, 0])
        print(f"  {name}: {100 * covered:.1f} % hold the mean (nominal {100 * LEVEL:g}), width {width:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=400, help="sets of videos")
    run(parser.parse_args().sets)
