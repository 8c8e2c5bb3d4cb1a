"""The section of parameters and provenance: what is needed to repeat the run."""

from collections.abc import Mapping

from hcutal.report.kit.page import PageSection
from hcutal.report.kit.rendering import flatten
from hcutal.report.material import Material


def setup_section(material: Material) -> PageSection:
    """The parameters of every stage, where the features come from, and all metrics."""
    outputs = material.outputs
    parameters = {
        name: flatten(values) for name, values in outputs.settings.items() if isinstance(values, Mapping)
    }
    meta = outputs.features
    streams = ", ".join(f"{name} ({size} dimensions)" for name, size in meta.streams.items())
    provenance = {
        "extractor": meta.extractor,
        "weights (SHA-256)": meta.weights or "none",
        "streams": streams,
        "frames per second": f"{meta.fps:g}",
        "snippet": f"{meta.snippet_frames} frames ({meta.times.length:.3g} s)",
        "stride": f"{meta.stride} frames ({meta.times.step:.3g} s)",
        "recordings": f"{meta.videos:,}",
        "snippets": f"{sum(meta.lengths.values()):,}",
    }
    values = {"parameters": parameters, "provenance": provenance, "metrics": outputs.metrics}
    return PageSection("setup", "Parameters and provenance", values)
