"""Parameters of the train stage."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator

from hcutal.params.section import BY_SIZE, LARGER, ONE, Odd, Section, param
from hcutal.params.top import TopParams
from hcutal.params.train_labels import ContrastiveLabels, PseudoLabelParams
from hcutal.params.train_levels import (
    BoundaryParams,
    DynamicWeights,
    InstanceParams,
    LevelParams,
    WeightParams,
)
from hcutal.params.train_video import VideoParams

# Fewer snippets cannot be told into action, background and boundaries.
FEWEST_SNIPPETS = 4


class LengthRule(Section):
    """T from the lengths of the training recordings: a part of the length of a long one."""

    quantile: float = param(
        0.9,
        "which length counts: share of the recordings that are no longer",
        "1: that of the longest.",
        source="trial",
        gt=0,
        le=1,
    )
    part: float = param(
        0.5,
        "T as a part of that length",
        "With 1, a sample holds nearly the same snippets every time, and training learns them by heart; smaller parts "
        "are quicker and pass over short actions.",
        source="trial",
        gt=0,
        le=1,
    )
    most: int = param(
        750, "largest T", "It bounds the time of a step.", source="§ 4.2.2 (THUMOS'14)", ge=FEWEST_SNIPPETS
    )

    def of(self, lengths: Sequence[int] | np.ndarray) -> int:
        """T for training recordings with so many snippets.

        >>> LengthRule().of([100, 200, 300]), LengthRule(part=1.0).of([100, 200, 1000])
        (140, 750)
        """
        length = self.part * float(np.quantile(lengths, self.quantile))
        return int(np.clip(np.ceil(length), FEWEST_SNIPPETS, self.most))


class PieceRule(Section):
    """Pieces of recordings, each trained on as if it were a recording of its own."""

    seconds: float = param(
        4.0,
        "length of a piece",
        "As long as an action with a little of what is around it: a piece should hold one action at most, and most "
        "actions whole. Recordings that are no longer stay whole.",
        unit="s",
        source="trial",
        gt=0,
    )
    overlap: float = param(0.5, "share of a piece that the next one has as well", source="trial", ge=0, lt=1)
    pooled_share: float = param(
        0.3,
        "as `video.pooled_share`, of the snippets of a piece",
        "A piece has few snippets: a tenth of them would be two or three.",
        source="trial",
        gt=0,
        le=1,
    )

    def size(self, step: float) -> int:
        """The snippets of a piece, where one begins every `step` seconds.

        >>> PieceRule(seconds=2.0).size(0.25), PieceRule(seconds=2.0).hop(0.25)
        (8, 4)
        """
        return round(self.seconds / step)

    def hop(self, step: float) -> int:
        """The snippets from the start of one piece to that of the next."""
        return max(1, round(self.size(step) * (1 - self.overlap)))


Snippets = Annotated[Annotated[int, Field(ge=FEWEST_SNIPPETS), ONE] | Annotated[LengthRule, LARGER], BY_SIZE]


class TrainParams(Section):
    """Parameters of the train stage; seed and supervision come from the run and its experiment."""

    seed: int = param(
        0,
        "seed of all that is random in training",
        source="convention",
        filled="is that of the run; set experiments.<name>.seeds",
        ge=0,
    )
    supervision: Literal["unsupervised", "weak", "mapped"] = param(
        "unsupervised",
        "what training may know of labels",
        "unsupervised: nothing. weak: video-level labels. mapped: names of clusters, as in § 4.",
        source="§ 4",
        filled="is set by each experiment; set experiments.<name>.supervision",
    )
    device: str = param(
        "auto",
        "where torch computes: auto (CUDA where there is one), cpu or cuda:1",
        "Another device changes the last bits of the results.",
        source="convention",
    )
    threads: int = param(
        1,
        "threads of torch",
        "More are faster, but another number changes the last bits of sums, and with them the results.",
        source="convention",
        ge=1,
    )
    levels: LevelParams = param(LevelParams(), "which contrastive levels there are", source="(1); T 6")
    pseudo_labels: PseudoLabelParams = param(
        PseudoLabelParams(contrastive=ContrastiveLabels()),
        "where they come from, e.g. {spectral: {}}",
        "contrastive: from the video level, anew at every `refresh` of joint training. spectral, agglomerative, "
        "kmeans: from one classic clustering, for all of training. supervision weak takes given labels in their place; "
        "supervision mapped turns either kind into classes.",
        source="§ 3.1.2; T 7",
    )
    joint: bool = param(
        True,
        "all levels are trained together; false: separated",
        "Separated: video-level learning first, then the localizer on its frozen pseudo-labels; `refresh` and "
        "`video.feedback` have no part in it.",
        source="(11); T 7 has both",
    )
    pieces: PieceRule | None = param(
        None,
        "training on pieces of recordings, e.g. {seconds: 4}, each as if it were a recording; null: no",
        "For recordings that show several actions: clustering takes a recording for one. Each piece has a pseudo-label "
        "of its own, and recordings are localized whole. Weak supervision trains on whole recordings, whose labels it "
        "has.",
        source="trial",
    )
    snippets: Snippets = param(
        LengthRule(),
        "T: snippets sampled of a recording",
        "A number, or {quantile: q} for one that fits the lengths of recordings. A shorter recording repeats some. "
        "Training takes longer in proportion. Pieces are taken whole. The paper has 750 for THUMOS'14 and 50 for "
        "ActivityNet.",
        source="trial; § 4.2.2: 750 or 50",
    )
    sampling: Literal["spread", "consecutive"] = param(
        "consecutive",
        "snippets of a sample: in a row, or spread over the recording",
        "spread: one at random in each of T equal parts. consecutive: T in a row from a random one on, so that "
        "neighbours are neighbours in time as when localizing; a recording with several labels is spread, as a row "
        "would miss some. Video-level learning always sees snippets that are spread over whole recordings.",
        source="trial; code: spread",
    )
    steps: int = param(600, "length of joint training", unit="steps", source="trial; code: 3000", ge=1)
    passes: float | None = param(
        250.0,
        "joint training ends after so many passes over the recordings; null: no",
        "It shortens the training on few recordings, which `steps` would show again and again.",
        source="trial",
        gt=0,
    )
    batch: int = param(
        24,
        "batch of the localizer, all where there are fewer",
        unit="recordings",
        source="trial; code: 64",
        ge=2,
    )
    pairs: int = param(
        8,
        "pairs of one pseudo-class in a batch",
        "(5) needs two recordings of a class. At most half a batch is made of pairs, the rest is drawn at random.",
        source="trial; code: 20",
        ge=0,
    )
    learning_rate: float = param(
        5e-4, "step size of Adam for the localizer", source="trial; § 4.2.2: 0.0001", gt=0
    )
    weight_decay: float = param(
        0.0,
        "L2 penalty on the localizer's weights",
        source="convention; code: 0.0005",
        ge=0,
    )
    embedding: int = param(
        256, "E: size of the embedded features F of § 3.1.3", source="trial; code: 2048", ge=1
    )
    kernel: Odd = param(
        3,
        "window of the embedding",
        "Odd. Wider windows see more around a snippet and blur its time.",
        unit="snippets",
        source="code",
    )
    dropout: float = param(
        0.5,
        "probability with which an input of the classifier is dropped",
        source="trial; code: 0.7",
        ge=0,
        lt=1,
    )
    normalise: bool = param(
        True,
        "input features are standardised, each dimension over the training snippets",
        source="trial; code: false",
    )
    top: TopParams = param(
        TopParams(part=5),
        "l of (9): {part: n} is T // n snippets, {count: n} is n",
        "The best l snippets of a class are averaged for its score, and stand for it in (5): few are sure, many are "
        "steady. With `part` they are more in a longer recording.",
        source="code; § 3.2.2: {count: 5}",
    )
    refresh: int = param(
        50,
        "how often pseudo-labels are taken anew from g_v",
        "Shorter: errors of the first clusters are mended sooner, but the localizer's classes move more.",
        unit="steps",
        source="trial; code: 500",
        ge=1,
    )
    checkpoints: int = param(
        0,
        "how many states of joint training are kept, evenly, the last among them; 0: the last alone",
        "For a choice afterwards, as in `hcutal run SUITE --rules`: each is a model of its own on disk, with numbers "
        "that tell of it without labels. Training itself is the same.",
        source="convention",
        ge=0,
    )
    mapped_fraction: float = param(
        0.5,
        "supervision mapped: classes from this share of a cluster's most frequent on",
        "Higher values give a cluster fewer classes.",
        source="§ 3.2.1",
        gt=0,
        le=1,
    )
    video: VideoParams = param(VideoParams(), "video-level contrastive learning", source="(2) to (4)")
    instance: InstanceParams = param(InstanceParams(), "instance-level contrastive learning", source="(5)")
    boundary: BoundaryParams = param(
        BoundaryParams(), "boundary-level contrastive learning", source="(6) to (8)"
    )
    weights: WeightParams = param(
        WeightParams(dynamic=DynamicWeights()),
        "weights of the levels, or {equal: {}}",
        "dynamic: Dynamic Weight Average. equal: 1 each.",
        source="(1)",
    )

    @field_validator("pseudo_labels")
    @classmethod
    def _source_exists(cls, value: PseudoLabelParams, info: ValidationInfo) -> PseudoLabelParams:
        given = info.data.get("supervision") == "weak"
        levels = info.data.get("levels")
        if given and value.classic:
            raise ValueError("training is given labels (supervision weak); expected {contrastive: {}}")
        if value.contrastive and levels and not levels.video and not given:
            raise ValueError(
                "these are of the video level, which is off; expected e.g. {spectral: {}}, or levels: {video: true}"
            )
        return value
