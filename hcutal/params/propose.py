"""Parameters of the propose stage."""

from typing import Annotated, Literal

from pydantic import Field

from hcutal.params.section import Section

Share = Annotated[float, Field(ge=0, le=1)]
Source = Literal["cas", "actionness", "magnitude"]


class ThresholdParams(Section):
    """theta_act: a point belongs to a proposal where its normalised value is above one of these.

    The paper has 0.325 to 0.375 by 0.025 for the CAS of THUMOS'14 and 0 to 0.105 by 0.015 for ActivityNet
    (4.2.3); more of them serve better. It mentions neither actionness nor magnitude; the published code has
    0.025 to 0.925 and 0.325 to 0.925 by 0.025 for them.
    """

    cas: list[Share] = Field([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    actionness: list[Share] = Field([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    magnitude: list[Share] = Field([0.4, 0.5, 0.6, 0.7, 0.8, 0.9])


class ProposeParams(Section):
    """From class activation sequences to scored proposals (paper 3.3 and 4.2.3).

    Defaults are the best of a comparison on the training recordings of the built-in data sets.
    """

    # How much a cluster counts for a class that it keeps: fully (paper), or by the share of its videos that
    # have it.
    cluster_weights: Literal["binary", "share"] = "share"
    # How the CAS of the clusters of a class become one.
    merge: Literal["max", "weighted"] = "max"
    # theta_class: classes whose score reaches it are localized, else the best one.
    class_threshold: float = Field(0.2, ge=0, le=1)
    sources: list[Source] = Field(["cas"], min_length=1)
    thresholds: ThresholdParams = ThresholdParams()
    # Points for each value of the CAS.
    upsample: int = Field(24, ge=1)
    # Where the value of a snippet stands: in its middle, or at its start as in the CoLA line.
    anchor: Literal["middle", "start"] = "middle"
    # Outer part of the outer-inner contrast, on each side, as a share of the proposal's length.
    margin: float = Field(0.25, ge=0)
    # What a proposal of the CAS is contrasted in: the CAS as it is, or with 0 at the points that are not above its
    # threshold, as in the CoLA line.
    contrast: Literal["raw", "thresholded"] = "raw"
    # Weight of the class score beside the contrast.
    class_weight: float = Field(0.2, ge=0)
    # Points of the up-sampled sequence; runs of fewer are dropped.
    shortest_run: int = Field(1, ge=1)
    # Seconds; shorter proposals are dropped.
    min_length: float = Field(0.0, ge=0)
    # Suppression of overlapping proposals of a class: hard above the tIoU `nms` (paper: 0.55 for THUMOS'14,
    # 0.7 for ActivityNet), or soft with the width `sigma`.
    nms_kind: Literal["hard", "soft"] = "soft"
    nms: float = Field(0.55, gt=0, le=1)
    sigma: float = Field(0.3, gt=0)
    # Adds 1 s to all lengths in the suppression, as the CoLA line does.
    legacy_nms: bool = False
    max_per_video: int = Field(1000, ge=1)
