"""Parameters of the train stage."""

from typing import Literal

from pydantic import Field

from hcutal.params.section import Section


class EstimateParams(Section):
    """How the number of clusters is estimated where it is not given (`video.clusters: null`)."""

    most: int = Field(16, ge=2)
    draws: int = Field(12, ge=1)


class VideoParams(Section):
    """Video-level contrastive learning: equations (2) to (4); without `clusters`, their number is estimated."""

    clusters: int | None = Field(16, ge=2)
    estimate: EstimateParams = EstimateParams()
    hidden: int = Field(256, ge=1)
    shared: bool = False
    views: Literal["random", "halves"] = "random"
    pooling: Literal["mean", "deviation"] = "mean"
    pooled_share: float = Field(0.1, gt=0, le=1)
    smooth: int = Field(3, ge=1)
    components: float = Field(1.25, ge=0)
    noise: float = Field(0.3, ge=0)
    dropout: float = Field(0.0, ge=0, lt=1)
    neighbours: int = Field(10, ge=0)
    neighbour_share: float = Field(1.0, ge=0, le=1)
    tau_h: float = Field(0.4, gt=0)
    tau_v: float = Field(0.9, gt=0)
    entropy: float = Field(1.0, ge=0)
    batch: int = Field(256, ge=2)
    learning_rate: float = Field(1e-3, gt=0)
    warmup: int = Field(300, ge=0)
    restarts: int = Field(3, ge=1)
    feedback: bool = True


class InstanceParams(Section):
    """Instance-level contrastive learning: equation (5)."""

    tau: float = Field(0.07, gt=0)
    scale: float = Field(0.1, ge=0)


class BoundaryParams(Section):
    """Boundary-level contrastive learning: equations (6) to (8)."""

    tau: float = Field(0.07, gt=0)
    q: float | None = Field(None, gt=0)
    scale: float = Field(0.1, ge=0)
    easy: int = Field(5, ge=1)
    hard: int = Field(20, ge=1)
    inner: int = Field(3, ge=1)
    outer: int = Field(7, ge=1)


class WeightParams(Section):
    """Weights of equation (1)."""

    dynamic: bool = True
    temperature: float = Field(2.0, gt=0)
    period: int = Field(25, ge=1)


class TrainParams(Section):
    """Parameters of the train stage; seed and supervision come from the experiment."""

    seed: int = Field(0, ge=0)
    supervision: Literal["unsupervised", "weak", "mapped"] = "unsupervised"
    device: str = "auto"
    threads: int = Field(1, ge=1)
    joint: bool = True
    snippets: int = Field(100, ge=4)
    steps: int = Field(600, ge=1)
    batch: int = Field(24, ge=2)
    pairs: int = Field(8, ge=0)
    learning_rate: float = Field(5e-4, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    embedding: int = Field(256, ge=1)
    kernel: int = Field(3, ge=1)
    dropout: float = Field(0.5, ge=0, lt=1)
    normalise: bool = True
    top: int = Field(5, ge=1)
    refresh: int = Field(50, ge=1)
    mapped_fraction: float = Field(0.5, gt=0, le=1)
    video: VideoParams = VideoParams()
    instance: InstanceParams = InstanceParams()
    boundary: BoundaryParams = BoundaryParams()
    weights: WeightParams = WeightParams()
