"""Parameters of the evaluate stage."""

from typing import Annotated, Literal

from pydantic import Field

from hcutal.params.section import Section, param

Threshold = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class BootstrapParams(Section):
    """The interval of the mAP, from draws of the evaluated recordings."""

    draws: int = param(
        1000,
        "draws of the recordings, with replacement",
        "More make its ends steadier.",
        source="convention",
        ge=1,
    )
    seed: int = param(0, "seed of the draws", source="convention", ge=0)
    level: float = param(
        0.95,
        "confidence level",
        "Higher levels give wider intervals.",
        source="convention",
        gt=0,
        lt=1,
    )


class ChanceParams(Section):
    """The mAP of the same detections at random places."""

    draws: int = param(5, "random detections that are averaged", source="convention", ge=1)
    seed: int = param(0, "seed of the draws", source="convention", ge=0)


class EvaluateParams(Section):
    """Parameters of the evaluate stage."""

    subset: Literal["train", "test"] = param("test", "recordings that are evaluated", source="convention")
    tiou: list[Threshold] = param(
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
        "thresholds of the mAP",
        "From which overlap on a proposal is right; the average mAP is over all of them.",
        unit="tIoU",
        source="§ 4.2.1; ActivityNet: 0.5 to 0.95",
        min_length=1,
    )
    recall_tiou: list[Threshold] = param(
        [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95],
        "of the average recall",
        unit="tIoU",
        source="ActivityNet",
        min_length=1,
    )
    recall_at: list[Count] = param(
        [1, 5, 10, 50, 100],
        "average recall at so many proposals a recording",
        source="ActivityNet",
        min_length=1,
    )
    error_tiou: float = param(
        0.5,
        "overlap at which false positives are told apart",
        unit="tIoU",
        source="convention",
        gt=0.1,
        le=1,
    )
    error_bins: Literal["thumos14", "activitynet", "quantiles"] = param(
        "quantiles",
        "groups of instances by length, coverage and number",
        "thumos14, activitynet: the published edges for these data sets. quantiles: groups of about the same size.",
        source="Alwassel et al. 2018 (DETAD)",
    )
    bootstrap: BootstrapParams | None = param(
        BootstrapParams(),
        "interval of the mAP over recordings; null: none",
        "Recordings are drawn with replacement. Draws repeat some, which raises interpolated precision: they are "
        "shifted so that their mean is the mAP, and the interval lies between percentiles of these.",
        source="docs/evaluation.md",
    )
    chance: ChanceParams | None = param(
        ChanceParams(),
        "mAP of the same detections at random places; null: none",
        source="convention",
    )
