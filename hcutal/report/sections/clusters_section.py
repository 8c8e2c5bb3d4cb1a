"""The section of clusters: the recordings of each class in each cluster, and the names that clusters got."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hcutal.cluster.assigned import is_cut
from hcutal.report.kit.colours import ACCENT, HEAT, INK
from hcutal.report.kit.figure import picture, quiet_axes, styled
from hcutal.report.kit.page import PageSection
from hcutal.report.kit.rendering import shorten
from hcutal.report.material import Material

# Names are written and kept classes framed up to so many rows or columns: more cannot be read.
NAMED = 60
CELL, LARGEST = 0.34, 9.5


def clusters_section(material: Material) -> PageSection | None:
    """Clusters against classes, and the names that the clusters got; None where nothing was clustered or labelled."""
    outputs, params = material.outputs, material.params
    if outputs.pseudo_labels.empty or outputs.supervision == "weak":
        return None
    # A recording counts once for each cluster that it, or a piece of it, is in.
    assigned = outputs.pseudo_labels.drop_duplicates(["video", "cluster"])
    counts = count_clusters(assigned, outputs.labels)
    if counts.empty:
        return None
    sizes = assigned["cluster"].value_counts()
    kept: dict[int, list[str]] = {}
    for row in outputs.mapping:
        kept.setdefault(row.cluster, []).extend([row.label] if row.kept else [])
    figure = draw_clusters(counts, sizes, kept, params.annotate)
    alt = f"Heat map of {counts.shape[0]} clusters by {counts.shape[1]} classes; the table has the names."
    heat = picture(figure, "clusters", alt, params.dpi)
    known = set(map(str, counts.columns)) | set(outputs.truth.classes if outputs.truth else ())
    values = {
        "heat": heat,
        "rows": _cluster_rows(counts, sizes, kept),
        "counted": max(counts.shape) <= params.annotate,
        "framed": max(counts.shape) <= NAMED,
        "cut": is_cut(outputs.pseudo_labels),
        "unnamed": sorted(known - {label for labels in kept.values() for label in labels}),
    }
    return PageSection("clusters", "Clusters", values, [heat])


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


def count_clusters(pseudo_labels: pd.DataFrame, labels: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Recordings a cluster (row) and class (column); one with two classes counts for both.

    Clusters and classes are put in an order that brings large counts to the diagonal.
    """
    pairs = pseudo_labels[["video", "cluster"]].assign(label=pseudo_labels["video"].map(dict(labels)))
    pairs = pairs.explode("label").dropna(subset="label")
    counts = pd.crosstab(pairs["cluster"], pairs["label"])
    counts = counts.reindex(sorted(pseudo_labels["cluster"].unique()), fill_value=0)
    largest = counts.to_numpy().argmax(axis=1) if counts.shape[1] else np.zeros(len(counts), int)
    return counts.iloc[np.lexsort((-counts.max(axis=1).to_numpy(), largest))]


def draw_clusters(
    counts: pd.DataFrame, sizes: pd.Series, kept: Mapping[int, Sequence[str]], annotate: int
) -> Figure:
    """Heat map of `counts`, rows as shares of their cluster, beside the sizes; kept classes have a frame."""
    rows, columns = counts.shape
    height, width = min(max(rows, 3) * CELL, LARGEST), min(max(columns, 3) * CELL * 1.35, LARGEST - 1)
    shares = counts.to_numpy() / np.maximum(sizes.loc[counts.index].to_numpy()[:, None], 1)
    with styled():
        figure = Figure(figsize=(min(width + 3.6, 11), height + 1.5), layout="constrained")
        heat, bars = figure.subplots(1, 2, width_ratios=[max(width, 1.5), 1.6])
        image = heat.imshow(shares, cmap=HEAT, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        _name_rows_and_columns(heat, counts)
        if max(rows, columns) <= annotate:
            _write_counts(heat, counts.to_numpy(), shares)
        if max(rows, columns) <= NAMED:
            _frame_kept(heat, counts, kept)
        _draw_sizes(bars, sizes.loc[counts.index], rows <= annotate)
        figure.colorbar(image, ax=bars, label="share of the cluster", fraction=0.08, aspect=25)
    return figure


def _name_rows_and_columns(axes: Axes, counts: pd.DataFrame) -> None:
    rows, columns = counts.shape
    small = 8 if max(rows, columns) <= 30 else 6
    if rows <= NAMED:
        axes.set_yticks(range(rows), [f"cluster {name}" for name in counts.index], fontsize=small)
    else:
        axes.set_yticks([])
    if columns <= NAMED:
        names = [shorten(str(name)) for name in counts.columns]
        axes.set_xticks(
            range(columns), names, fontsize=small, rotation=40, ha="right", rotation_mode="anchor"
        )
    else:
        axes.set_xticks([])
    axes.set_ylabel(f"{rows} clusters")
    axes.set_xlabel(f"{columns} classes")
    quiet_axes(axes)


def _write_counts(axes: Axes, counts: np.ndarray, shares: np.ndarray) -> None:
    for row, column in np.argwhere(counts > 0).tolist():
        colour = "white" if shares[row, column] > 0.55 else INK
        axes.text(column, row, str(counts[row, column]), color=colour, ha="center", va="center", fontsize=8)


def _frame_kept(axes: Axes, counts: pd.DataFrame, kept: Mapping[int, Sequence[str]]) -> None:
    columns = {str(name): position for position, name in enumerate(counts.columns)}
    for row, cluster in enumerate(counts.index):
        for label in kept.get(int(cluster), ()):
            if label in columns:
                corner = (columns[label] - 0.5, row - 0.5)
                axes.add_patch(
                    Rectangle(corner, 1, 1, fill=False, edgecolor="#d55e00", linewidth=1.3, clip_on=False)
                )


def _draw_sizes(axes: Axes, sizes: pd.Series, written: bool) -> None:
    rows = len(sizes)
    axes.barh(range(rows), sizes.to_numpy(), height=0.7 if rows <= NAMED else 1.0, color=ACCENT)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_title("recordings", fontsize=9)
    axes.locator_params(axis="x", nbins=3, integer=True)
    if written:
        for row, size in enumerate(sizes.tolist()):
            axes.text(size, row, f" {size}", va="center", fontsize=8)
    quiet_axes(axes)
