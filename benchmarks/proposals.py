"""Time of proposals of 210 made-up recordings as long as THUMOS'14's, against loops in the way of the published code.

Both take the 43 thresholds of CoLA's code and its other choices (preset `official`), except that the sequence is
constant beyond its ends. The loops walk over thresholds, classes and runs, and suppress one proposal after the other.

Run from the project's root: `OMP_NUM_THREADS=1 python benchmarks/proposals.py [--skip-reference] [--repeats 3]`.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch

from hcutal.data.times import SnippetTimes
from hcutal.localize.apply import look
from hcutal.localize.merge import ClassMap
from hcutal.localize.proposals import settled
from hcutal.model.checkpoint import Activation, Localizer
from hcutal.model.network import HCUTAL, NetworkShape, initialise
from hcutal.params.propose import ProposeParams, SnippetChoice
from hcutal.params.top import TopParams

RECORDINGS, CLASSES, INPUTS, EMBEDDING = 210, 20, 2048, 256
TIMES = SnippetTimes(fps=25.0, frames=16, stride=16)
NAMES = [f"class_{number:02}" for number in range(CLASSES)]
MAPPING = ClassMap(np.eye(CLASSES, dtype=np.float32), NAMES)
CAS = [round(0.025 * step, 3) for step in range(10)]
ACTIONNESS = [round(0.1 + 0.025 * step, 3) for step in range(33)]
TIOU, SIGMA = 0.6, 0.3
SUPPRESSION = {"hard": {"hard": {"tiou": TIOU, "plus_one": True}}, "soft": {"soft": {"sigma": SIGMA}}}

Proposal = tuple[int, float, float, float]


class Recording(NamedTuple):
    """What a model says of a recording, and its seconds."""

    activation: Activation
    duration: float


def parameters(how: str) -> ProposeParams:
    """The choices of the published code with the thresholds of CoLA."""
    return ProposeParams.model_validate(
        {
            "cluster_weights": "binary",
            "thresholds": {"cas": CAS, "actionness": ACTIONNESS},
            "suppression": SUPPRESSION[how],
            "anchor": "start",
            "contrast": "thresholded",
            "right_margin": "down",
            "reached": True,
            "shortest_run": 2,
            "max_per_video": 1_000_000,
        }
    )


def make(rng: np.random.Generator) -> Recording:
    """One or two classes that happen now and then, for about 5 s each time, over noise."""
    snippets = int(np.clip(rng.lognormal(5.6, 0.7), 30, 3000))
    classes = rng.choice(CLASSES, size=1 + int(rng.uniform() < 0.15), replace=False)
    height = np.full((snippets, CLASSES), 0.1)
    for label in classes:
        for start in np.flatnonzero(rng.uniform(size=snippets) < 0.05):
            height[start : start + int(rng.integers(3, 15)), label] = rng.uniform(1, 3)
    noise = rng.normal(0, 0.4, height.shape)
    noise = (noise[np.maximum(np.arange(snippets) - 1, 0)] + noise) / 2
    cas = np.maximum(height + noise, 0).astype(np.float32)
    scores = np.full(CLASSES, 0.1 / CLASSES)
    scores[classes] += 0.9 / len(classes)
    return Recording(
        Activation(np.arange(snippets), cas, scores, cas.sum(axis=1), cas.max(axis=1)), TIMES.end(snippets)
    )


class Given:
    """A model that has said already what it says of a recording."""

    def __init__(self, activation: Activation) -> None:
        self.activation = activation

    def cas(self, features: np.ndarray, snippets: SnippetChoice) -> Activation:
        return self.activation


def ours(recordings: list[Recording], how: str) -> list[Any]:
    """The tables of all recordings."""
    params = parameters(how)
    found = [
        look(
            Given(activation),
            np.empty((len(activation.cas), 0), dtype=np.float32),
            TIMES,
            duration,
            MAPPING,
            params,
        ).candidates
        for activation, duration in recordings
    ]
    return list(settled(found, NAMES, params))


def reference(recordings: list[Recording], how: str) -> list[list[Proposal]]:
    """The proposals of all recordings: class, start, end and score of each."""
    return [list(_reference(activation, how)) for activation, _ in recordings]


def _reference(activation: Activation, how: str) -> Iterator[Proposal]:
    chosen = np.flatnonzero(activation.scores >= 0.2)
    cas = _upsampled(_normalised(activation.cas[:, chosen]))
    actionness = _upsampled(_normalised(activation.actionness[:, None]))[:, 0]
    seconds = len(activation.cas) * TIMES.step / len(cas)
    found: list[Proposal] = []
    for threshold in CAS:
        cut = np.where(cas < threshold, 0.0, cas)
        for column, label in enumerate(chosen.tolist()):
            points = np.flatnonzero(cut[:, column] > 0)
            found += _scored(points, cut[:, column], label, activation.scores[label], seconds)
    for threshold in ACTIONNESS:
        points = np.flatnonzero((actionness >= threshold) & (actionness > 0))
        for column, label in enumerate(chosen.tolist()):
            found += _scored(points, cas[:, column], label, activation.scores[label], seconds)
    for label in chosen.tolist():
        own = np.array([proposal for proposal in found if proposal[0] == label])
        own = own[np.lexsort((own[:, 2], own[:, 1]))]
        yield from (_hard if how == "hard" else _soft)(own)


def _normalised(values: Any) -> Any:
    values = values.astype(np.float64)
    low, high = values.min(axis=0, keepdims=True), values.max(axis=0, keepdims=True)
    return (values - low) / (high - low)


def _upsampled(values: Any) -> Any:
    points = np.arange(len(values) * 24) * (len(values) / (len(values) * 24))
    return np.stack([np.interp(points, np.arange(len(values)), column) for column in values.T], axis=1)


def _scored(points: Any, values: Any, label: int, score: float, seconds: float) -> list[Proposal]:
    """Runs of consecutive points, with their outer-inner contrast."""
    found = []
    for run in np.split(points, np.flatnonzero(np.diff(points) != 1) + 1):
        if len(run) < 2:
            continue
        margin = 0.25 * len(run)
        start, end = int(run[0]), int(run[-1]) + 1
        before = list(range(max(0, start - int(np.ceil(margin))), start))
        after = list(range(end, min(len(values), end + int(margin))))
        outer = [*before, *after]
        contrast = np.mean(values[run]) - (np.mean(values[outer]) if outer else 0.0)
        found.append((label, start * seconds, end * seconds, contrast + 0.2 * score))
    return found


def _hard(proposals: Any) -> Iterator[Proposal]:
    """Suppression with a second added to all lengths, best first."""
    _, start, end, score = proposals.T
    left = np.argsort(-score, kind="stable")
    while left.size:
        best, left = left[0], left[1:]
        yield tuple(proposals[best])
        shared = np.minimum(end[best], end[left]) - np.maximum(start[best], start[left]) + 1
        shared = np.maximum(shared, 0.0)
        union = (end[best] - start[best] + 1) + (end[left] - start[left] + 1) - shared
        left = left[shared / union <= TIOU]


def _soft(proposals: Any) -> Iterator[Proposal]:
    """Gaussian suppression; of equal segments the best one enters."""
    left = proposals[np.lexsort((-proposals[:, 3], proposals[:, 2], proposals[:, 1]))]
    left = left[np.append(True, (np.diff(left[:, 1:3], axis=0) != 0).any(axis=1))]
    while len(left):
        place = left[:, 3].argmax()
        taken, left = left[place], np.delete(left, place, axis=0)
        yield tuple(taken)
        shared = np.minimum(taken[2], left[:, 2]) - np.maximum(taken[1], left[:, 1])
        shared = np.maximum(shared, 0.0)
        overlap = shared / ((taken[2] - taken[1]) + (left[:, 2] - left[:, 1]) - shared)
        left[:, 3] *= np.where(left[:, 3] > 0, np.exp(-(overlap**2) / SIGMA), 1.0)


def others(tables: list[Any], loops: list[list[Proposal]]) -> int:
    """How many proposals of the tables the loops lack: with the same class and times, and a score within 1e-9.

    Scores that are equal but for rounding are taken in another order, so that a few may differ.
    """
    number = 0
    for table, rows in zip(tables, loops, strict=True):
        known = {(NAMES[int(row[0])], round(row[1], 6), round(row[2], 6)): row[3] for row in rows}
        for row in table.itertuples():
            score = known.get((row.label, round(row.start, 6), round(row.end, 6)), np.inf)
            number += abs(row.score - score) > 1e-9
    return number


def network_seconds(recordings: list[Recording]) -> float:
    """CPU seconds of a network of default size on the features of all recordings."""
    shape = NetworkShape(INPUTS, EMBEDDING, CLASSES, CLASSES, EMBEDDING, shared=False)
    network = HCUTAL(shape)
    initialise(network, torch.Generator().manual_seed(0))
    snippets = [len(activation.cas) for activation, _ in recordings]
    model = Localizer(network.eval(), max(snippets), TopParams(part=5), "unsupervised", None, {"rgb": INPUTS})
    features = np.random.default_rng(0).normal(size=(max(snippets), INPUTS)).astype(np.float32)
    return timed(lambda: [model.cas(features[:count]) for count in snippets])[0]


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds that `action` takes, and its value."""
    begin = time.process_time()
    value = action()
    return time.process_time() - begin, value


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skip-reference", action="store_true", help="do not time the loops")
    parser.add_argument("--repeats", type=int, default=3, help="of each, in turns; the least of them counts")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    recordings = [make(rng) for _ in range(RECORDINGS)]
    snippets = [len(recording.activation.cas) for recording in recordings]
    print(f"{RECORDINGS} recordings of {min(snippets)} to {max(snippets)} snippets, {sum(snippets)} in all")
    print(f"network (embedding {EMBEDDING}): {network_seconds(recordings):.2f} s CPU")
    for how in SUPPRESSION:
        quick, slow, tables, loops = [], [], [], []
        for _ in range(arguments.repeats):
            seconds, tables = timed(lambda how=how: ours(recordings, how))
            quick.append(seconds)
            if not arguments.skip_reference:
                seconds, loops = timed(lambda how=how: reference(recordings, how))
                slow.append(seconds)
        print(f"{how} suppression: {sum(map(len, tables))} proposals in {min(quick):.2f} s CPU")
        if loops:
            print(
                f"  loops: {min(slow):.2f} s, {min(slow) / min(quick):.1f} times as long; "
                f"{others(tables, loops)} of the proposals are others"
            )


if __name__ == "__main__":
    main()
