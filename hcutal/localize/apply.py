"""A trained model on the features of one recording: from snippets to scored, named proposals."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcutal.localize.merge import ClassMap, class_cas, class_scores
from hcutal.localize.proposals import localize
from hcutal.localize.timeline import Timeline
from hcutal.model.checkpoint import Activation
from hcutal.params.propose import ProposeParams, Source

Floats = npt.NDArray[np.floating]


class Model(Protocol):
    """What is needed of a trained model."""

    def cas(self, features: npt.NDArray[np.float32]) -> Activation:
        """Activation of the features [T, D] of one recording."""


class Spacing(Protocol):
    """Where snippets stand: snippet t starts at t * stride / fps s and lasts snippet_frames / fps s."""

    @property
    def fps(self) -> float:
        """Frames, or samples, a second."""

    @property
    def snippet_frames(self) -> int:
        """Frames of a snippet."""

    @property
    def stride(self) -> int:
        """Frames from one snippet to the next."""


@dataclass(frozen=True, eq=False)
class Localized:
    """What was found in a recording: proposals as `localize` gives them, class CAS [T', C], its snippets [T']."""

    proposals: pd.DataFrame
    cas: Floats
    rows: npt.NDArray[np.integer]


def localize_recording(
    model: Model,
    features: npt.NDArray[np.float32],
    spacing: Spacing,
    duration: float,
    mapping: ClassMap,
    params: ProposeParams,
) -> Localized:
    """Localize in a recording of `duration` seconds (or infinity) with features [T, D]."""
    found = model.cas(features)
    scores = class_scores(found.scores, mapping)
    cas = class_cas(found.cas, found.scores, mapping, params.merge)
    timeline = Timeline(
        rows=found.rows,
        snippets=len(features),
        step=spacing.stride / spacing.fps,
        length=spacing.snippet_frames / spacing.fps,
        upsample=params.upsample,
        duration=duration,
    )
    activity: dict[Source, Floats] = {"actionness": found.actionness, "magnitude": found.magnitude}
    proposals = localize(cas, scores, activity, timeline, mapping.classes, params)
    return Localized(proposals, cas, found.rows)


def features_end(snippets: int, spacing: Spacing) -> float:
    """The end of the last of T snippets, in seconds."""
    return ((snippets - 1) * spacing.stride + spacing.snippet_frames) / spacing.fps
