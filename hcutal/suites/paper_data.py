"""The data sets of the paper: their classes, their protocol, and the sizes that the paper has for each.

What a data set is evaluated by, and how many clusters it has, counts for every preset. What the paper prints for each
data set apart counts beside the preset `paper` alone: the preset `default` has our best values.
"""

from dataclasses import dataclass
from typing import Any

PAPER = "paper"


@dataclass(frozen=True)
class PaperDataset:
    """A data set of the paper.

    Attributes:
        title: its name in print.
        table: the suite that it is published in.
        classes: how many there are, and clusters.
        class_threshold: theta_class; § 4.2.3.
        snippets: T; § 4.2.2.
        cas: theta_act; § 4.2.3.
        nms: tIoU of hard suppression; § 4.2.3.
        tiou: thresholds of the mAP; § 4.2.1.
        error_bins: the published edges of the diagnosis.
    """

    title: str
    table: str
    classes: int
    class_threshold: float
    snippets: int
    cas: tuple[float, ...]
    nms: float
    tiou: tuple[float, ...]
    error_bins: str

    def sections(self) -> dict[str, Any]:
        """The overrides of a data set in params.yaml, those beside the preset `paper` among them."""
        return {
            "train": {"video": {"clusters": self.classes}},
            "propose": {"class_threshold": self.class_threshold},
            "evaluate": {"tiou": list(self.tiou), "error_bins": self.error_bins},
            "presets": {
                PAPER: {
                    "train": {"snippets": self.snippets},
                    "propose": {
                        "thresholds": {"cas": list(self.cas)},
                        "suppression": {"hard": {"tiou": self.nms}},
                    },
                }
            },
        }


_THUMOS14 = PaperDataset(
    title="THUMOS'14",
    table="table2",
    classes=20,
    class_threshold=0.2,
    snippets=750,
    cas=(0.325, 0.35, 0.375),
    nms=0.55,
    tiou=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7),
    error_bins="thumos14",
)


def _activitynet(version: str, table: str, classes: int) -> PaperDataset:
    return PaperDataset(
        title=f"ActivityNet {version}",
        table=table,
        classes=classes,
        class_threshold=0.1,
        snippets=50,
        cas=(0.0, 0.015, 0.03, 0.045, 0.06, 0.075, 0.09, 0.105),
        nms=0.7,
        tiou=(0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95),
        error_bins="activitynet",
    )


PAPER_DATASETS: dict[str, PaperDataset] = {
    "thumos14": _THUMOS14,
    "activitynet12": _activitynet("1.2", "table3", 100),
    "activitynet13": _activitynet("1.3", "table4", 200),
}
