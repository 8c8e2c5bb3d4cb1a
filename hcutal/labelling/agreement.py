"""How well the segments of a run agree with what a person said of segments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hcutal.labelling.marks import RIGHT, Mark, is_numbered

TIOU = 0.5


@dataclass(frozen=True)
class Agreement:
    """Marked segments by what was said of them, and how many of these a run agrees with.

    Attributes:
        right: where a person said what there is, by `right` or by another name.
        right_found: of these, the run has a segment of that label there.
        wrong: where a person said what there is not.
        wrong_gone: of these, the run has no segment of that label there.
        marks: of which something can be held against the run; one that says what is there instead says two things.
        agreed: of these, all that was said holds.
    """

    right: int
    right_found: int
    wrong: int
    wrong_gone: int
    marks: int
    agreed: int

    @property
    def share(self) -> float | None:
        """Of the marks, those that the run agrees with; None where there are none."""
        return self.agreed / self.marks if self.marks else None


def agreement(
    marks: Sequence[Mark],
    names: Mapping[str, str],
    training: str,
    segments: pd.DataFrame,
    called: Callable[[str], str] = str,
) -> Agreement:
    """Hold segments (columns video, start, end in seconds, label) against marks.

    A segment is there where its tIoU with the marked one is `TIOU` or more. What is said of a cluster without a name
    does not count: its number means nothing to another run.

    names: of the clusters that marks of the training of that id are about; called: what a label of the segments is
    called now.
    """
    labels = segments["label"].map(called)
    found = [
        {
            label: bool(((labels[own.index] == label) & (_tiou(own, mark) >= TIOU)).any())
            for label in {mark.called(names, training), mark.shown(names, training)}
        }
        for mark in marks
        for own in [segments[segments["video"] == mark.recording]]
    ]
    shown, hidden, whole = [], [], []
    for mark, there in zip(marks, found, strict=True):
        name, other = mark.shown(names, training), mark.called(names, training)
        is_there = [there[name]] if name is not None and not is_numbered(name) else []
        is_gone = [not there[other]] if mark.verdict != RIGHT and not is_numbered(other) else []
        shown += is_there
        hidden += is_gone
        if is_there or is_gone:
            whole.append(all([*is_there, *is_gone]))
    return Agreement(len(shown), sum(shown), len(hidden), sum(hidden), len(whole), sum(whole))


def _tiou(segments: pd.DataFrame, mark: Mark) -> np.ndarray:
    start, end = segments[["start", "end"]].to_numpy(np.float64).T
    overlap = np.maximum(np.minimum(end, mark.end) - np.maximum(start, mark.start), 0.0)
    return np.asarray(overlap / (end - start + mark.end - mark.start - overlap))
