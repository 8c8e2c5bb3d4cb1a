"""The variants of the method that tables compare: named settings, each defined once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OFF = {"video": False, "instance": False, "boundary": False}


@dataclass(frozen=True)
class Variant:
    """A named set of values of an experiment; what is not named is as in the preset.

    Attributes:
        about: what it is, in a few words.
        source: where the paper has it; empty where it has not.
        supervision: as of an experiment.
        sections: overrides of the sections of stages, by name.
        borrowed: values that are those of a preset, as `preset.section` or `preset.section.key`.
        clusters: C as a share of that which the data set has otherwise; None: as it is.
    """

    about: str
    source: str = ""
    supervision: str = "unsupervised"
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    borrowed: tuple[str, ...] = ()
    clusters: float | None = None


def _train(about: str, source: str = "", **values: Any) -> Variant:
    return Variant(about, source, sections={"train": values})


def _classic(name: str, about: str) -> Variant:
    return _train(about, "Table 7", pseudo_labels={name: {}}, levels={"video": False})


VARIANTS: dict[str, Variant] = {
    "full": Variant("all levels, Dynamic Weight Average", "Tables 2 to 8"),
    "weak": Variant("video-level labels in place of pseudo-labels", "Tables 2 to 4", "weak"),
    "mapped": Variant("pseudo-labels named by the count rule while training", "§ 3.2.1", "mapped"),
    "baseline": _train(
        "spectral clustering, then L_cls alone", "Table 6", pseudo_labels={"spectral": {}}, levels=OFF
    ),
    "vcl": _train(
        "L_cls and the video level",
        "Table 6",
        levels={"instance": False, "boundary": False},
        weights={"equal": {}},
    ),
    "vcl-icl": _train(
        "L_cls, video and instance level", "Table 6", levels={"boundary": False}, weights={"equal": {}}
    ),
    "vcl-icl-bcl": _train("all levels, weights 1", "Table 6", weights={"equal": {}}),
    "kmeans": _classic("kmeans", "k-means, then the other levels"),
    "agglomerative": _classic("agglomerative", "Ward's clustering, then the other levels"),
    "spectral": _classic("spectral", "spectral clustering, then the other levels"),
    "separated": _train(
        "video level first, then the localizer on frozen pseudo-labels", "Table 7", joint=False
    ),
    "horizontal": _train("without the vertical loss", "Table 8", video={"vertical": False}),
    "vertical": _train("without the horizontal loss", "Table 8", video={"horizontal": False}),
    "no-feedback": _train("found snippets do not reach the video level", video={"feedback": False}),
    "temperature-1": _train("temperature 1 of DWA", weights={"dynamic": {"temperature": 1.0}}),
    "temperature-5": _train("temperature 5 of DWA", weights={"dynamic": {"temperature": 5.0}}),
    "clusters-half": Variant("half as many clusters", clusters=0.5),
    "clusters-three-quarters": Variant("three quarters of the clusters", clusters=0.75),
    "clusters-one-and-a-half": Variant("one and a half times as many clusters", clusters=1.5),
    "clusters-double": Variant("twice as many clusters", clusters=2.0),
    "paper-thresholds": Variant("theta_act of the paper", "§ 4.2.3", borrowed=("paper.propose.thresholds",)),
    "code-thresholds": Variant(
        "thresholds of the published code: also of actionness and magnitude",
        borrowed=("official.propose.thresholds",),
    ),
    "paper-suppression": Variant(
        "hard non-maximum suppression", "§ 4.2.3", borrowed=("paper.propose.suppression",)
    ),
    "paper-snippets": Variant(
        "as many snippets looked at as in training", "§ 4.2.2", borrowed=("paper.propose.snippets",)
    ),
    "paper-proposals": Variant(
        "all of proposal generation as printed", "§ 4.2.3", borrowed=("paper.propose",)
    ),
    "clusters-estimated": _train(
        "number of clusters estimated without labels", video={"clusters": {"estimate": {}}}
    ),
}
