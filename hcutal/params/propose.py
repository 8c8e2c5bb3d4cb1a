"""Parameters of the propose stage, and of `hcutal localize`."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from hcutal.params.section import OneOf, Section, Share, param

Source = Literal["cas", "actionness", "magnitude"]
SnippetChoice = Literal["all", "trained"] | Annotated[int, Field(ge=1)]
Levels = Annotated[list[Share], Field(min_length=1)]


class ThresholdParams(Section):
    """theta_act by source: a point belongs to a proposal where its normalised value is above one of these."""

    cas: Levels | None = param(
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
        "of the class's CAS; null: not used",
        "Low ones give long proposals, high ones short ones; more of them serve better, and take longer. § 4.2.3 has "
        "0.325 to 0.375 by 0.025 for THUMOS'14, 0 to 0.105 by 0.015 for ActivityNet.",
        source="trial; § 4.2.3: others",
    )
    actionness: Levels | None = param(
        None,
        "of the sum of the CAS; null: not used",
        "Its proposals are given to every class that is localized.",
        source="§ 4.2.3; code: 0.025 to 0.925 by 0.025",
    )
    magnitude: Levels | None = param(
        None,
        "of the length of embedded features; null: not used",
        "Its proposals are given to every class that is localized.",
        source="§ 4.2.3; code: 0.325 to 0.925 by 0.025",
    )

    @model_validator(mode="after")
    def _any(self) -> Self:
        if not self.sources:
            raise ValueError("expected thresholds of cas, actionness or magnitude")
        return self

    @property
    def sources(self) -> list[Source]:
        """Those that have thresholds."""
        return [source for source in get_args(Source) if getattr(self, source) is not None]


class SoftSuppression(Section):
    """The score of a proposal falls with its overlap with better ones; none goes."""

    sigma: float = param(
        0.3,
        "width of the Gaussian",
        "Scores are multiplied by exp(-tIoU^2 / sigma): smaller values suppress more.",
        source="trial; Bodla et al. 2017 (soft NMS): 0.5",
        gt=0,
    )


class HardSuppression(Section):
    """A proposal goes when it overlaps too much with a better one that stays."""

    tiou: float = param(
        0.55,
        "overlap above which a proposal goes",
        "Lower values leave fewer.",
        unit="tIoU",
        source="§ 4.2.3: 0.55 for THUMOS'14, 0.7 for ActivityNet",
        gt=0,
        le=1,
    )
    plus_one: bool = param(
        False,
        "1 s is added to all lengths and overlaps",
        "As code of the CoLA line does; it removes short proposals that hardly overlap.",
        source="convention; code: true",
    )


class SuppressionParams(OneOf):
    """Suppression of overlapping proposals of a class."""

    soft: SoftSuppression | None = param(None, "scores fall with the overlap", source="Bodla et al. 2017")
    hard: HardSuppression | None = param(None, "proposals go above an overlap", source="§ 3.3")


class ProposeParams(Section):
    """From class activation sequences to scored proposals (§ 3.3 and 4.2.3 of the paper)."""

    training: bool = param(
        False,
        "whether recordings that are only trained on are localized as well",
        "Their proposals are for the tables of segments, and take no part in the evaluation.",
        source="convention",
        filled="is true for folders of recordings",
    )
    snippets: SnippetChoice = param(
        "all",
        "snippets looked at: all, as many as in training (trained), or a number",
        "Fewer than all of a recording are an even choice: faster, and coarser in time.",
        source="trial; § 4.2.2: trained",
    )
    cluster_weights: Literal["binary", "share"] = param(
        "share",
        "how much a cluster counts for a class: share of its recordings, or fully",
        "share: by the share of its training recordings that have the class. binary: fully.",
        source="trial; code: binary",
    )
    merge: Literal["max", "weighted"] = param(
        "max",
        "how the CAS of the clusters of a class become one",
        "max: the highest at each snippet. weighted: their mean, weighted by the recording's scores.",
        source="convention",
    )
    score_sum: Literal["labels", "one"] = param(
        "labels",
        "what all scores sum to: the mean number of labels in training, or one",
        "(10) teaches a recording of m labels 1 / m each: a threshold for scores that sum to 1 would leave out most of "
        "many. It is the same where recordings have one label, as without supervision.",
        source="trial; (9): one",
    )
    class_threshold: float = param(
        0.2,
        "theta_class: classes from this score on are localized, else the best",
        "Lower values localize more classes in a recording.",
        source="§ 4.2.3; ActivityNet: 0.1",
        ge=0,
        le=1,
    )
    thresholds: ThresholdParams = param(
        ThresholdParams(),
        "theta_act, by the sequence that they cut",
        "A source is used where it has thresholds; null leaves it out.",
        source="§ 3.3",
    )
    upsample: int = param(
        24,
        "points for each value of the CAS",
        "More place starts and ends more finely.",
        source="code",
        ge=1,
    )
    anchor: Literal["middle", "start"] = param(
        "middle",
        "where the value of a snippet stands",
        "start, as in the CoLA line, is half a snippet early.",
        source="convention; code: start",
    )
    margin: float = param(
        0.25,
        "outer part of the outer-inner contrast, on each side, as a share of the length",
        "0: nothing outside is looked at.",
        source="code",
        ge=0,
    )
    contrast: Literal["raw", "thresholded"] = param(
        "raw",
        "the CAS that a proposal is contrasted in: as it is, or cut by its threshold",
        "thresholded: points that are not above the threshold count as 0, so that nearly all outside of it is 0. "
        "Proposals of other sources are contrasted in the CAS as it is.",
        source="§ 3.3; code: thresholded",
    )
    right_margin: Literal["up", "down"] = param(
        "up",
        "how the outer part on the right is rounded to points",
        "down, as in the CoLA line, leaves a short run without one; the left is always rounded up.",
        source="convention; code: down",
    )
    reached: bool = param(
        False,
        "whether a point that equals a threshold is in the run",
        "0 never is. It matters for plateaus of the sequence, such as its maximum at the threshold 1.",
        source="convention; code: true",
    )
    class_weight: float = param(
        0.2,
        "weight of the class score beside the contrast",
        "Higher values rank proposals more by their class than by their edges.",
        source="code",
        ge=0,
    )
    shortest_run: int = param(
        1,
        "shorter runs of the up-sampled sequence are dropped",
        "1 keeps all. A point is another duration for every snippet and `upsample`; `min_length` is in seconds.",
        unit="points",
        source="convention; code: 2",
        ge=1,
    )
    min_length: float = param(0.0, "shorter proposals are dropped", unit="s", source="convention", ge=0)
    suppression: SuppressionParams = param(
        SuppressionParams(soft=SoftSuppression()),
        "of overlapping proposals of a class",
        "{soft: {sigma: 0.3}}, or {hard: {tiou: 0.55}}.",
        source="trial; § 4.2.3: hard",
    )
    max_per_video: int = param(
        1000, "most proposals of a recording, those with the highest scores", source="convention", ge=1
    )
