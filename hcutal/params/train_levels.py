"""Which levels there are, the instance and the boundary level, and the weights of all: parts of the section `train`."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from hcutal.params.section import Odd, OneOf, Section, param


def _not_zero(value: Any) -> Any:
    if value == 0 and not isinstance(value, bool):
        raise ValueError("expected above 0; train.levels says which levels there are")
    return value


# A level with the scale 0 would have no effect but on the weights of the others.
Scale = Annotated[float, Field(gt=0), BeforeValidator(_not_zero)]


class LevelParams(Section):
    """Which of the contrastive levels there are; what is off is not computed and has no weight."""

    video: bool = param(
        True,
        "(2) to (4): contrast of recordings and clusters",
        "Its warm-up and its heads are trained. Has no part where training is given labels (supervision weak).",
        source="(1); T 6",
    )
    instance: bool = param(True, "(5): contrast of action features of different classes", source="(1); T 6")
    boundary: bool = param(True, "(6) to (8): action against background", source="(1); T 6")


class InstanceParams(Section):
    """Instance-level contrastive learning: equation (5)."""

    tau: float = param(
        0.07,
        "temperature of (5)",
        "Lower values look more at the most similar features of other classes.",
        source="T 1; code: 0.1",
        gt=0,
    )
    scale: Scale = param(
        0.1,
        "weight of (5) before that of (1)",
        "Above 0: `levels` says whether there is one.",
        source="trial; (1): 1; code: 0.01",
    )


class BoundaryParams(Section):
    """Boundary-level contrastive learning: equations (6) to (8)."""

    tau: float = param(
        0.07,
        "temperature of (7)",
        "Lower values look more at the most similar snippets of the other side.",
        source="T 1",
        gt=0,
    )
    q: float | None = param(
        None,
        "length that action features should reach in (6); null: twice that at the start",
        "(6) is measured in units of it. With the printed 150, features of other sizes never reach it.",
        source="trial; T 1: 150",
        gt=0,
    )
    scale: Scale = param(
        0.1,
        "weight of (8) before that of (1)",
        "Above 0: `levels` says whether there is one.",
        source="trial; (1): 1; code: 0",
    )
    easy: int = param(
        5,
        "non-boundary snippets: T // n of highest and of lowest actionness",
        "K of § 3.1.4 is one snippet in `easy` of the T sampled ones: larger numbers take fewer and surer ones.",
        source="code",
        ge=1,
    )
    hard: int = param(
        20,
        "boundary snippets: T // n inside and outside",
        "One snippet in `hard` of the T sampled ones: larger numbers take fewer.",
        source="code",
        ge=1,
    )
    inner: Odd = param(
        3,
        "narrower window of erosion and dilation",
        "Odd, below `outer`. Snippets this close to an edge are not counted as a boundary.",
        unit="snippets",
        source="code",
    )
    outer: Odd = param(
        7,
        "wider window of erosion and dilation",
        "Odd. Boundary snippets are at most (outer - 1) / 2 snippets off an edge.",
        unit="snippets",
        source="code: 6, which is off centre by one",
    )

    @model_validator(mode="after")
    def _rings(self) -> Self:
        if self.inner >= self.outer:
            raise ValueError("inner should be below outer")
        return self


class DynamicWeights(Section):
    """Dynamic Weight Average: a level whose loss falls slowly weighs more."""

    temperature: float = param(
        2.0,
        "T of DWA",
        "Higher values make the weights more alike; they sum to the number of levels that are on.",
        source="Liu et al. 2019 (DWA); code: 3",
        gt=0,
    )
    period: int = param(
        25,
        "length over which losses are averaged before they are compared",
        "Shorter periods follow the noise of single batches.",
        unit="steps",
        source="trial; code: 1",
        ge=1,
    )


class EqualWeights(Section):
    """Every level has the weight 1."""


class WeightParams(OneOf):
    """Weights of equation (1)."""

    dynamic: DynamicWeights | None = param(
        None, "from how fast each loss falls", source="§ 3.1.1; Liu et al. 2019 (DWA)"
    )
    equal: EqualWeights | None = param(None, "1 for every level", source="convention")
