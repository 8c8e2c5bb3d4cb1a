"""Parameters of video-level contrastive learning, a part of the section `train`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from hcutal.params.section import BY_SIZE, LARGER, ONE, Odd, Section, param


class EstimateParams(Section):
    """How the number of clusters is estimated: by communities of similar recordings; stability is told beside it."""

    neighbours: int = param(
        5,
        "nearest recordings that each is joined to; more give fewer clusters",
        "The number of communities with a little more than half and with twice as many says how sure the estimate is.",
        source="trial; communities: Blondel et al. 2008",
        ge=1,
    )
    most: int = param(
        16,
        "largest number of clusters whose stability is measured",
        "Every number from 2 to this one is measured, but no more than a quarter of the recordings.",
        source="trial",
        ge=2,
    )
    draws: int = param(
        12,
        "pairs of random subsets that are clustered for each number",
        "More draws make the stability surer and slower.",
        source="trial; stability: Ben-Hur et al. 2002",
        ge=1,
    )
    steps: int = param(
        200,
        "length of a first joint training, from whose action snippets the number is estimated anew; 0: none",
        "Whole recordings differ by their scenes as well; what the localizer takes for the action tells more. It takes "
        "its time beside that of the training itself, which begins anew with the number.",
        unit="steps",
        source="trial",
        ge=0,
    )


class ClusterEstimate(Section):
    """The number of clusters is estimated without labels."""

    estimate: EstimateParams = param(
        ..., "how the number is estimated: by communities of similar recordings", source="Blondel et al. 2008"
    )


def _number_or_estimate(value: Any) -> Any:
    if not isinstance(value, int | Mapping | ClusterEstimate):
        raise ValueError(
            "expected a number, or {estimate: {}} for one that is estimated from the recordings "
            "({estimate: {neighbours: 5, most: 16, draws: 12, steps: 200}} in full)"
        )
    return value


Clusters = Annotated[
    Annotated[int, Field(ge=2), ONE] | Annotated[ClusterEstimate, LARGER],
    BY_SIZE,
    BeforeValidator(_number_or_estimate),
]


Pooling = Literal["mean", "deviation"]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0)]
Value = TypeVar("Value")


def _each_once(values: list[Value]) -> list[Value]:
    if len(set(values)) < len(values):
        raise ValueError("expected each value once")
    return values


OneOrMore = Annotated[
    Annotated[Value, ONE] | Annotated[list[Value], Field(min_length=1), AfterValidator(_each_once), LARGER],
    BY_SIZE,
]


def _listed(value: Value | list[Value]) -> list[Value]:
    return value if isinstance(value, list) else [value]


class NeighbourParams(Section):
    """Which recordings count as positives of each other in (3)."""

    count: OneOrMore[Count] = param(
        [3, 5, 10],
        "nearest recordings that one is drawn from, or several such numbers",
        "By cosine of the pooled features. More than a cluster holds draws recordings of other kinds in. Of several "
        "numbers, that is taken on whose clusters the restarts of the warm-up agree most; no label is used.",
        source="trial",
    )
    share: float = param(
        1.0,
        "how often a neighbour stands in for the recording itself",
        "1: always; smaller values keep that share of second views of the recording itself.",
        source="trial",
        gt=0,
        le=1,
    )


class VideoParams(Section):
    """Video-level contrastive learning: equations (2) to (4)."""

    clusters: Clusters = param(
        16,
        "C, or {estimate: {}}",
        "Columns of g_h and g_v, and of the CAS where training knows no classes. More clusters than kinds of action "
        "split them (several clusters may get one name), fewer mix them. With {estimate: {...}} and labels in "
        "training it is the number of classes.",
        source="trial: more than classes helps localization; code: 15",
    )
    horizontal: bool = param(
        True, "contrast of recordings by g_h, (2)", "Without it, only g_v is trained.", source="(4); T 8"
    )
    vertical: bool = param(
        True,
        "contrast of clusters by g_v, (3)",
        "Without it, only g_h is trained, and clusters are those of k-means on its outputs; `neighbours` has no part.",
        source="(4); T 8",
    )
    hidden: int = param(256, "size of the hidden layer of g_h and g_v", source="trial", ge=1)
    shared: bool = param(
        False,
        "g_h and g_v see embedded features instead of input features",
        "True trains the localizer's embedding with (2) and (3) as well.",
        source="§ 3.1.2",
    )
    views: Literal["random", "halves"] = param(
        "random",
        "random halves of a recording's snippets, or its first and second half",
        "Random views are new in every step; halves are the printed form.",
        source="trial; § 3.1.2: halves",
    )
    pooling: OneOrMore[Pooling] = param(
        ["mean", "deviation"],
        "which snippets stand for a recording before the localizer says so",
        "mean: all of them. deviation: the share `pooled_share` that is farthest from the recording's median snippet, "
        "which helps where background is the rule and hurts where action is. Of both, that with the lowest loss of the "
        "warm-up is taken; no label is used.",
        source="trial; § 3.1.2: mean",
    )
    pooled_share: float = param(
        0.1,
        "share of the snippets that stand for a recording once some are chosen",
        "Chosen by the localizer (feedback) or by deviation. Smaller: surer to be action, fewer to average. Pieces "
        "have a share of their own, `pieces.pooled_share`.",
        source="trial; code: 0.2",
        gt=0,
        le=1,
    )
    smooth: Odd = param(
        3,
        "window in which scores are averaged before snippets are chosen",
        "Odd. Wider windows prefer long stretches to single snippets.",
        unit="snippets",
        source="trial",
    )
    components: OneOrMore[Share] = param(
        [0.625, 1.25],
        "whitened directions a cluster, or several numbers; 0: as they are",
        "What all recordings share, such as scenes, outweighs actions in pooled features; whitened directions count "
        "alike. More of them let in noise. Of several numbers, that is taken on whose clusters the restarts of the "
        "warm-up agree most, or the largest where the number of clusters is estimated; no label is used.",
        source="trial; § 3.1.2: none",
    )
    noise: float = param(
        0.3,
        "standard deviation of the noise on each view",
        "In units of a whitened direction. More makes clusters smoother; too much hides the actions.",
        source="trial; § 3.1.2: none",
        ge=0,
    )
    dropout: float = param(
        0.0,
        "probability with which an input of g_h and g_v is dropped",
        "Where nothing is whitened, .5 to .8 keeps a few hundred recordings from being learnt by heart.",
        source="trial; § 3.1.2: none",
        ge=0,
        lt=1,
    )
    neighbours: NeighbourParams | None = param(
        NeighbourParams(),
        "near recordings are positives; null: no",
        "Recordings that look alike are drawn into one cluster.",
        source="trial; § 3.1.2: null",
    )
    tau_h: float = param(
        0.4,
        "temperature of (2)",
        "Lower values look more at the most similar other recordings.",
        source="T 1",
        gt=0,
    )
    tau_v: float = param(
        0.9,
        "temperature of (3)",
        "Lower values look more at the most similar other clusters.",
        source="T 1; code: 0.4",
        gt=0,
    )
    entropy: float = param(
        1.0,
        "weight of the entropy M(.) in (3)",
        "More spreads recordings evenly over the clusters; with 0 all may end in one.",
        source="Li et al. 2021 (contrastive clustering)",
        ge=0,
    )
    batch: int = param(
        256,
        "most recordings in a batch of (2) and (3)",
        "All of them where there are no more. (2) has 2N - 2 negatives for N recordings.",
        source="trial; code: 8",
        ge=2,
    )
    learning_rate: float = param(
        1e-3,
        "step size of Adam for g_h and g_v",
        "Also for the embedding during the warm-up, where it is shared.",
        source="trial; § 4.2.2: 0.0001",
        gt=0,
    )
    warmup: int = param(
        300,
        "video-level learning alone, at first",
        "Too short, and the localizer learns from arbitrary clusters.",
        unit="steps",
        source="trial; code: 12000 of a network apart",
        ge=0,
    )
    restarts: int = param(
        3,
        "warm-ups from different weights, for each start that is tried",
        "The one with the lowest loss goes on. More are safer and slower.",
        source="trial; § 3.1.2: 1",
        ge=1,
    )
    feedback: bool = param(
        True,
        "the action snippets that the localizer finds are pooled from then on",
        "At every refresh of the pseudo-labels; the way back of the coupling. Not in separated training.",
        source="Fig. 2",
    )

    @property
    def poolings(self) -> list[Pooling]:
        """Those that are tried."""
        return _listed(self.pooling)

    @property
    def counts(self) -> list[int]:
        """The numbers of neighbours that are tried, rising; 0 alone where there are none, or no (3) that uses them."""
        return sorted(_listed(self.neighbours.count)) if self.neighbours and self.vertical else [0]

    @property
    def most_components(self) -> float:
        """The largest number of whitened directions a cluster that is tried."""
        return max(_listed(self.components))

    @property
    def directions(self) -> list[int]:
        """The numbers of whitened directions that are tried, rising; 0 alone where features are seen as they are."""
        if not isinstance(self.clusters, int):
            raise ValueError(f"clusters is {self.clusters!r}; expected a number, given or estimated")
        # A positive number is one direction at least: 0 means that nothing is whitened.
        return sorted({max(round(each * self.clusters), int(each > 0)) for each in _listed(self.components)})

    @field_validator("components")
    @classmethod
    def _all_are_whitened_or_none(cls, value: float | list[float]) -> float | list[float]:
        if isinstance(value, list) and 0 in value and len(value) > 1:
            raise ValueError("expected 0 (features as they are) alone, not beside other numbers")
        return value

    @field_validator("vertical")
    @classmethod
    def _something_is_contrasted(cls, value: bool, info: ValidationInfo) -> bool:
        if not value and info.data.get("horizontal") is False:
            raise ValueError(
                "expected horizontal or vertical to be true; train.levels: {video: false} leaves both out"
            )
        return value

    @model_validator(mode="after")
    def _starts_differ(self) -> Self:
        agreed = len(self.counts) * len(_listed(self.components))
        if self.warmup == 0 and (self.restarts > 1 or len(self.poolings) * agreed > 1):
            raise ValueError(
                "starts are told apart by the warm-up: with warmup 0, expected restarts 1, one pooling, one "
                "neighbours.count and one number of components"
            )
        if self.restarts == 1 and agreed > 1:
            raise ValueError(
                "numbers of neighbours and of components are told apart by how restarts agree: with restarts 1, "
                "expected one neighbours.count and one number of components"
            )
        return self
