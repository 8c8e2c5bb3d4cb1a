"""A trained model on the features of one recording: from snippets to scored, named proposals."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.data.times import SnippetTimes
from hcutal.localize.axis import TimeAxis
from hcutal.localize.merge import ClassMap, class_cas, class_scores
from hcutal.localize.proposals import Candidates, find_candidates, settled
from hcutal.params.propose import ProposeParams, SnippetChoice, Source

# Torch is slow to import, and nothing here computes with it.
if TYPE_CHECKING:
    from hcutal.model.checkpoint import Activation

Floats = npt.NDArray[np.floating]


class Model(Protocol):
    """What a trained model must be able to do."""

    def cas(self, features: npt.NDArray[np.float32], snippets: SnippetChoice) -> "Activation":
        """The activation of a recording with features [T, D], for all of its snippets or a choice of them."""


@dataclass(frozen=True, eq=False)
class Localized:
    """What was found in a recording.

    Attributes:
        proposals: as `localize` returns them: columns start, end (seconds), label, score.
        cas: [T', C], the CAS of the named classes.
        rows: [T'], the snippets of the recording that the CAS belongs to.
    """

    proposals: pd.DataFrame
    cas: Floats
    rows: npt.NDArray[np.integer]


def localize_recording(
    model: Model,
    features: npt.NDArray[np.float32],
    times: SnippetTimes,
    duration: float,
    mapping: ClassMap,
    params: ProposeParams,
) -> Localized:
    """Localize the named classes in one recording.

    Args:
        model: a trained model of K columns.
        features: [T, D], all snippets of the recording.
        times: where the snippets lie.
        duration: seconds of the recording, or infinity where it is not known.
        mapping: which classes the columns of the model stand for.
        params: section `propose`.
    """
    found = look(model, features, times, duration, mapping, params)
    return Localized(next(settled([found.candidates], mapping.classes, params)), found.cas, found.rows)


@dataclass(frozen=True, eq=False)
class Looked:
    """What a model sees in a recording, before suppression; `cas` and `rows` as in `Localized`.

    To suppress many recordings together (`hcutal.localize.proposals.settled`) is several times as fast.
    """

    candidates: Candidates
    cas: Floats
    rows: npt.NDArray[np.integer]


def look(
    model: Model,
    features: npt.NDArray[np.float32],
    times: SnippetTimes,
    duration: float,
    mapping: ClassMap,
    params: ProposeParams,
) -> Looked:
    """`localize_recording` up to suppression."""
    found = model.cas(features, params.snippets)
    shared = found.labels if params.score_sum == "labels" else 1.0
    scores = class_scores(np.minimum(found.scores * shared, 1.0), mapping)
    cas = class_cas(found.cas, found.scores, mapping, params.merge)
    axis = TimeAxis(found.rows, len(features), times, params.upsample, duration)
    activity: dict[Source, Floats] = {"actionness": found.actionness, "magnitude": found.magnitude}
    return Looked(find_candidates(cas, scores, activity, axis, params), cas, found.rows)
