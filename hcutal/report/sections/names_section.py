"""The section of next steps where nothing is annotated: naming clusters, adding annotations."""

from hcutal.layout import LABELS, names_file
from hcutal.report.kit.page import PageSection
from hcutal.report.material import Material


def names_section(material: Material) -> PageSection | None:
    """How to name clusters and how to have results; None where there are annotations, or no folder of recordings."""
    outputs = material.outputs
    if outputs.truth is not None or not outputs.recordings or outputs.supervision == "weak":
        return None
    values = {
        "run": outputs.run,
        "dataset": outputs.dataset,
        "file": names_file(outputs.run),
        "folder": LABELS,
        "given": outputs.names_given,
        "clusters": outputs.pseudo_labels["cluster"].nunique(),
        "example": next(iter(outputs.features.lengths), "recording"),
    }
    return PageSection("names", "Names and annotations", values)
