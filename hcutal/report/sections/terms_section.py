"""The section of terms: what the words of a page mean."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hcutal.report.kit.page import PageSection

if TYPE_CHECKING:
    # Pages that have no run depend on nothing that one is read with.
    from hcutal.report.material import Material

TERMS = {
    "instance": "One annotated occurrence of an action: a class, a start and an end in seconds.",
    "proposal": "One predicted occurrence: a class, a start, an end and a score.",
    "tIoU": "Temporal intersection over union: the time that a proposal and an instance share, divided by the time "
    "that they cover together; 1 is a perfect fit.",
    "AP": "Average precision of a class: precision averaged over recall when its proposals are taken by falling "
    "score; a proposal is right when it reaches the tIoU with an instance that no better one has taken.",
    "mAP@tIoU": "The mean of AP over the classes at one tIoU threshold; the average mAP is its mean over the "
    "thresholds of the result table.",
    "chance": "The mAP of proposals of the same number and lengths at random places, with labels and scores dealt "
    "anew: what is reached without looking.",
    "segment": "A proposal with a score from a certain one on that overlaps no better one of its class.",
    "ARI, NMI": "Adjusted Rand index and normalized mutual information between clusters and classes of the "
    "training recordings: 1 is full agreement; the ARI of a random assignment is about 0.",
    "pseudo-label": "The cluster that a training recording falls into, which the localizer learns in the place of "
    "a label.",
    "snippet": "A few consecutive frames (or sensor readings) with one feature vector: the unit of time of the "
    "model.",
    "CAS": "Class activation sequence: how strongly each snippet speaks for each class.",
    "DWA": "Dynamic weight average: a loss that falls more slowly than the others gets more weight.",
}
EVALUATION = ("instance", "proposal", "tIoU", "AP", "mAP@tIoU")


def terms_section(material: "Material") -> PageSection:
    """The terms of a run's page: those of evaluation, folders and clusters where it has them."""
    outputs = material.outputs
    names = [*EVALUATION, "chance"] if outputs.truth else ["proposal"]
    names += ["segment"] if outputs.recordings else []
    names += ["ARI, NMI"] if outputs.metrics["map"].get("ARI") is not None else []
    return make_terms([*names, "pseudo-label", "snippet", "CAS", "DWA"])


def make_terms(names: Iterable[str]) -> PageSection:
    """These of the `TERMS`, in this order."""
    values = {"terms": {name: TERMS[name] for name in names}}
    return PageSection("terms", "Terms", values)
