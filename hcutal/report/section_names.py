"""The section of next steps where nothing is annotated: naming clusters, adding annotations."""

from hcutal.layout import LABELS
from hcutal.report.inputs import Inputs
from hcutal.report.sections import Section, supervision


def name_section(inputs: Inputs) -> Section | None:
    """How to name clusters and how to have results; None where there are annotations, or no folder of recordings."""
    if inputs.truth is not None or not inputs.recordings or supervision(inputs) == "weak":
        return None
    first = next(iter(inputs.features.lengths), "recording")
    metrics = inputs.metrics["map"]
    values = {
        "experiment": inputs.experiment,
        "dataset": inputs.dataset,
        "file": LABELS / f"{inputs.experiment}.csv",
        "folder": LABELS,
        "given": 0 if metrics.get("names_ignored") else int(metrics.get("names_given", 0)),
        "clusters": inputs.pseudo_labels["cluster"].nunique(),
        "example": first,
    }
    return Section("names", "Names and annotations", "names.html.j2", values)
