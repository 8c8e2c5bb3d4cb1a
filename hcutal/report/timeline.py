"""What a timeline shows: which recordings and classes, which proposals in which row, which are right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hcutal.evaluate.matching import Segments, greedy_matches, overlapping_pairs
from hcutal.params.report import ReportParams
from hcutal.report.curves import Curves
from hcutal.report.intervals import Intervals
from hcutal.report.run_outputs import RunOutputs


@dataclass(frozen=True)
class Lane:
    """A class of a timeline: its instances, drawn proposals [N], their rows [N], and which are right [N]."""

    label: str
    truth: Intervals
    proposals: Intervals
    rows: np.ndarray
    correct: np.ndarray


@dataclass(frozen=True)
class Timeline:
    """One recording of `duration` seconds: CAS curves [T] at times [T] in seconds, and lanes.

    `found` of its `instances` are hit by a proposal, drawn or not.
    """

    recording: str
    duration: float
    times: np.ndarray
    curves: dict[str, np.ndarray]
    true_classes: list[str]
    lanes: list[Lane]
    annotated: bool
    instances: int
    found: int
    proposals: int

    @property
    def drawn(self) -> int:
        """Number of proposals in the lanes."""
        return sum(len(lane.proposals) for lane in self.lanes)


def make_timeline(outputs: RunOutputs, curves: Curves, recording: str, params: ReportParams) -> Timeline:
    """The timeline of a recording."""
    proposals, truth = outputs.proposals_of(recording), outputs.truth_of(recording)
    times, length, known = curves.of(recording)
    ends = [float(part.bounds[:, 1].max()) for part in (proposals, truth) if part is not None and len(part)]
    true = sorted(set(truth.labels.tolist())) if truth is not None else []
    involved = involved_classes(true, proposals, known, params.timeline_classes)
    lanes = [make_lane(label, truth, proposals, params.proposal_rows, params.tiou) for label in involved]
    return Timeline(
        recording=recording,
        duration=max([length, *ends]),
        times=times,
        curves={label: known[label] for label in involved if label in known},
        true_classes=true,
        lanes=[lane for lane in lanes if len(lane.truth) or len(lane.proposals)],
        annotated=truth is not None,
        instances=0 if truth is None else len(truth),
        found=0 if truth is None else int(matches(proposals, truth, params.tiou).sum()),
        proposals=len(proposals),
    )


def choose_recordings(names: Sequence[str], count: int) -> list[str]:
    """`count` recordings, evenly spaced in sorted order: no label and no result has a say in it."""
    ordered = sorted(names)
    if count >= len(ordered):
        return ordered
    positions = (
        np.linspace(0, len(ordered) - 1, count).round().astype(int) if count > 1 else np.zeros(count, int)
    )
    return [ordered[position] for position in positions]


def matches(proposals: Intervals, truth: Intervals, tiou: float) -> np.ndarray:
    """Which proposals [N] are right: by descending score, each takes the best free instance of its class.

    A proposal is right when that instance's temporal IoU is at least `tiou`: the evaluator's rule.
    """
    order = np.argsort(-proposals.scores, kind="stable")
    _, codes = np.unique(np.concatenate([proposals.labels[order], truth.labels]), return_inverse=True)
    found = Segments(codes[: len(order)], *proposals.bounds[order].T)
    instances = Segments(codes[len(order) :], *truth.bounds.T)
    correct = np.zeros(len(proposals), dtype=bool)
    correct[order[greedy_matches(overlapping_pairs(found, instances, tiou), len(truth))]] = True
    return correct


def stack(proposals: Intervals, rows: int) -> np.ndarray:
    """The row [N] of each proposal: by descending score, the first of `rows` that is free there; else -1."""
    found = np.full(len(proposals), -1)
    for index in np.argsort(-proposals.scores, kind="stable"):
        start, end = proposals.bounds[index]
        clash = (proposals.bounds[:, 0] < end) & (proposals.bounds[:, 1] > start)
        free = np.setdiff1d(np.arange(rows), found[clash])
        if len(free):
            found[index] = free[0]
    return found


def involved_classes(
    true: list[str], proposals: Intervals, curves: Mapping[str, np.ndarray], count: int
) -> list[str]:
    """The classes to draw: all true ones, then by best proposal, then by peak CAS [T]; up to `count`."""
    by_score = proposals.labels[np.argsort(-proposals.scores, kind="stable")].tolist()
    by_peak = sorted(curves, key=lambda label: -curves[label].max())
    return list(dict.fromkeys(true + by_score + by_peak))[: max(count, len(true))]


def make_lane(label: str, truth: Intervals | None, proposals: Intervals, rows: int, tiou: float) -> Lane:
    """The lane of one class: all proposals are judged, then those without a row are dropped."""
    own = proposals.of(label)
    instances = truth.of(label) if truth is not None else own.take(np.zeros(len(own), dtype=bool))
    correct, row = matches(own, instances, tiou), stack(own, rows)
    shown = row >= 0
    return Lane(label, instances, own.take(shown), row[shown], correct[shown])
