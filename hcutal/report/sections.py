"""The sections of the page: each has a title, a template and the values that it shows, or is absent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcutal.params.report import ReportParams
from hcutal.report.figure_clusters import NAMED, count_clusters, draw_clusters
from hcutal.report.figure_timeline import draw_timeline
from hcutal.report.figure_training import base_name, draw_training, split_columns
from hcutal.report.inputs import Inputs
from hcutal.report.style import Picture, picture
from hcutal.report.timeline import Timeline


@dataclass(frozen=True)
class Section:
    """A part of the page: its anchor, heading, template and values, and the figures among them."""

    anchor: str
    title: str
    template: str
    values: Mapping[str, Any]
    pictures: Sequence[Picture] = ()


def training_section(inputs: Inputs, params: ReportParams) -> Section | None:
    """Losses and their weights over the steps; None without a curve."""
    losses, weights = split_columns(inputs.curves)
    if not losses:
        return None
    alt = f"Line charts over {len(inputs.curves)} recorded steps: {', '.join(map(base_name, losses))}"
    if weights:
        alt += f"; and the weights of {', '.join(map(base_name, weights))}"
    curves = picture(draw_training(inputs.curves), "training", alt + ".", params.dpi)
    values = {"curves": curves, "names": losses, "weighted": bool(weights)}
    return Section("training", "Training", "training.html.j2", values, [curves])


def cluster_section(inputs: Inputs, params: ReportParams) -> Section | None:
    """Clusters against classes, and the names that the clusters got; None where nothing was clustered or labelled."""
    if inputs.pseudo_labels.empty or supervision(inputs) == "weak":
        return None
    counts = count_clusters(inputs.pseudo_labels, inputs.labels)
    if counts.empty:
        return None
    sizes = inputs.pseudo_labels["cluster"].value_counts()
    kept: dict[int, list[str]] = {}
    for row in inputs.mapping:
        kept.setdefault(row.cluster, []).extend([row.label] if row.kept else [])
    figure = draw_clusters(counts, sizes, kept, params.annotate)
    alt = f"Heat map of {counts.shape[0]} clusters by {counts.shape[1]} classes; the table has the names."
    heat = picture(figure, "clusters", alt, params.dpi)
    known = set(map(str, counts.columns)) | set(inputs.truth.classes if inputs.truth else ())
    values = {
        "heat": heat,
        "rows": _cluster_rows(counts, sizes, kept),
        "counted": max(counts.shape) <= params.annotate,
        "framed": max(counts.shape) <= NAMED,
        "unnamed": sorted(known - {label for labels in kept.values() for label in labels}),
    }
    return Section("clusters", "Clusters", "clusters.html.j2", values, [heat])


def _cluster_rows(
    counts: pd.DataFrame, sizes: "pd.Series[int]", kept: Mapping[int, list[str]]
) -> list[dict[str, Any]]:
    rows = []
    for cluster in sizes.index.sort_values().tolist():
        found = counts.loc[cluster].sort_values(ascending=False, kind="stable")
        found = found[found > 0]
        names = kept.get(cluster, [])
        named = [(name, int(found.get(name, 0))) for name in names]
        others = [(str(name), int(count)) for name, count in found.items() if name not in names]
        rows.append({"cluster": cluster, "size": int(sizes[cluster]), "kept": named, "others": others})
    return rows


def timeline_section(
    timelines: list[Timeline], colours: Mapping[str, str], params: ReportParams
) -> Section | None:
    """One figure a recording; None where no recording was drawn."""
    if not timelines:
        return None
    drawn = [(timeline, _timeline_picture(timeline, colours, params)) for timeline in timelines]
    values = {
        "drawn": drawn,
        "tiou": params.tiou,
        "rows": params.proposal_rows,
        "annotated": timelines[0].annotated,
    }
    return Section("timelines", "Timelines", "timelines.html.j2", values, [figure for _, figure in drawn])


def _timeline_picture(timeline: Timeline, colours: Mapping[str, str], params: ReportParams) -> Picture:
    true = ", ".join(timeline.true_classes) or "none"
    alt = (
        f"Timeline of {timeline.video}, {timeline.duration:.0f} seconds. True classes: {true}. "
        f"{timeline.instances} instances, {timeline.found} found; "
        f"{timeline.drawn} of {timeline.proposals} proposals drawn."
    )
    name = "timeline_" + re.sub(r"[^\w.-]", "_", timeline.video)
    return picture(draw_timeline(timeline, colours), name, alt, params.dpi)


def setup_section(inputs: Inputs) -> Section:
    """The parameters of every stage, where the features come from, and all metrics."""
    parameters = {
        name: flatten(values) for name, values in inputs.settings.items() if isinstance(values, Mapping)
    }
    meta = inputs.features
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
    values = {"parameters": parameters, "provenance": provenance, "metrics": inputs.metrics}
    return Section("setup", "Parameters and provenance", "setup.html.j2", values)


def flatten(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested settings as pairs of a dotted name and a value."""
    pairs: list[tuple[str, Any]] = []
    for name, value in values.items():
        pairs += (
            flatten(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(prefix + name, value)]
        )
    return pairs


def supervision(inputs: Inputs) -> str:
    """What training was given: `unsupervised`, `weak` or `mapped`."""
    train = inputs.settings.get("train", {})
    return str(train.get("supervision", "unsupervised")) if isinstance(train, Mapping) else "unsupervised"
