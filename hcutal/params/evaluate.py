"""Parameters of the evaluate stage."""

from typing import Annotated, Literal

from pydantic import Field

from hcutal.params.section import Section

Threshold = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class EvaluateParams(Section):
    """Parameters of the evaluate stage.

    `tiou` as for THUMOS'14 (paper 4.2.1); `recall_tiou` and `recall_at` as in ActivityNet's proposal task.
    """

    subset: Literal["train", "test"] = "test"
    tiou: list[Threshold] = Field([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], min_length=1)
    recall_tiou: list[Threshold] = Field(
        [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95], min_length=1
    )
    recall_at: list[Count] = Field([1, 5, 10, 50, 100])
    # What false positives are at this tIoU.
    error_tiou: float = Field(0.5, gt=0.1, le=1)
    # How instances are grouped by length, coverage and number: the edges published for a data set, or quantiles.
    error_bins: Literal["thumos14", "activitynet", "quantiles"] = "quantiles"
    # Draws of videos for the interval of the mAP; 0 leaves it out.
    bootstrap_draws: int = Field(1000, ge=0)
    bootstrap_seed: int = Field(0, ge=0)
    bootstrap_level: float = Field(0.95, gt=0, lt=1)
    # Draws of random detections for the chance level; 0 leaves it out.
    chance_draws: int = Field(5, ge=0)
    chance_seed: int = Field(0, ge=0)
