"""A trained model on the features of one recording: from snippets to scored, named proposals."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.data.times import SnippetTimes
from hcutal.localize.axis import TimeAxis
from hcutal.localize.merge import ClassMap, class_cas, class_scores
from hcutal.localize.proposals import localize
from hcutal.model.checkpoint import Activation
from hcutal.params.propose import ProposeParams, Source

Floats = npt.NDArray[np.floating]


class Model(Protocol):
    """What is needed of a trained model."""

    def cas(self, features: npt.NDArray[np.float32]) -> Activation:
        """Activation of the features [T, D] of one recording."""


@dataclass(frozen=True, eq=False)
class Localized:
    """What was found in a recording: proposals as `localize` gives them, class CAS [T', C], its snippets [T']."""

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
    """Localize in a recording of `duration` seconds (or infinity) with features [T, D] of snippets at `times`."""
    found = model.cas(features)
    scores = class_scores(found.scores, mapping)
    cas = class_cas(found.cas, found.scores, mapping, params.merge)
    axis = TimeAxis(found.rows, len(features), times, params.upsample, duration)
    activity: dict[Source, Floats] = {"actionness": found.actionness, "magnitude": found.magnitude}
    proposals = localize(cas, scores, activity, axis, mapping.classes, params)
    return Localized(proposals, cas, found.rows)
