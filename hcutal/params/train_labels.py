"""Where the pseudo-labels of training come from: a part of the section `train`."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from hcutal.params.section import BY_SIZE, LARGER, ONE, OneOf, Section, param

PlainScaling = Literal["none", "standard", "l2"]
Classic = Literal["spectral", "agglomerative", "kmeans"]


class WhitenedScaling(Section):
    """The strongest directions of the mean features, with variance 1 each."""

    whitened: Annotated[float, Field(gt=0)] = param(
        ...,
        "directions a cluster",
        "As `video.components`: what all recordings share no longer outweighs the rest; more of them let in noise.",
        source="trial",
    )


Scaling = Annotated[Annotated[PlainScaling, ONE] | Annotated[WhitenedScaling, LARGER], BY_SIZE]


class ContrastiveLabels(Section):
    """The clusters of the video level."""


class ClassicLabels(Section):
    """A classic clustering of the recordings' mean features."""

    scaling: Scaling = param(
        "none",
        "none, standard (columns), l2 (rows), or {whitened: directions a cluster}",
        "What is done to the mean features before they are clustered. They are means over all snippets, standardised "
        "over the snippets first where `normalise` is true.",
        source="convention",
    )


class PseudoLabelParams(OneOf):
    """The source of the pseudo-labels."""

    contrastive: ContrastiveLabels | None = param(
        None,
        "of the video level: g_v, or k-means of g_h where `video.vertical` is false",
        source="§ 3.1.2",
    )
    spectral: ClassicLabels | None = param(
        None, "of the baseline: an RBF affinity as wide as the median distance", source="§ 4.2.1; T 7"
    )
    agglomerative: ClassicLabels | None = param(None, "by Ward's criterion", source="T 7")
    kmeans: ClassicLabels | None = param(None, "the best of ten starts", source="T 7")

    @property
    def classic(self) -> tuple[Classic, ClassicLabels] | None:
        """The classic clustering that is the source, if one is."""
        names: tuple[Classic, ...] = get_args(Classic)
        return next(((name, how) for name in names if (how := getattr(self, name))), None)
