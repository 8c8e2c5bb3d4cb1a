"""Figure 5: the training recordings as points, by spectral clustering and by ours, coloured by cluster and by class.

All training recordings (or pieces of them) are shown. A recording with several classes stands for the first of them in
sorted order, as in ARI and NMI.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, silhouette_score

from hcutal.cluster.assigned import is_cut
from hcutal.cluster.baselines import scaled
from hcutal.cluster.scores import read_labels
from hcutal.data.store import FeatureStore
from hcutal.layout import RunPaths, features_dir
from hcutal.model.checkpoint import load_model
from hcutal.params.train_labels import PseudoLabelParams
from hcutal.report.figures.compared import ComparedRuns, DrawnFigure
from hcutal.report.figures.learned_features import Floats, pooled_mean, video_features
from hcutal.report.figures.projection import t_sne
from hcutal.report.kit.colours import PALE, PALETTE
from hcutal.report.kit.figure import styled
from hcutal.report.kit.rendering import shorten
from hcutal.report.run_outputs import RunOutputs

# With the colours these tell so many clusters apart; more share a mark.
MARKS = ("o", "s", "^", "D", "v", "P", "X")
# Classes up to which there is a legend.
NAMED = 24
SIZE = (9.6, 8.6)


def draw_cluster_maps(compared: ComparedRuns) -> DrawnFigure:
    """A row a variant: the map of its features in the colours of its clusters, and in those of the classes."""
    rows, words = list(compared.runs.items()), []
    with styled():
        figure = Figure(figsize=SIZE, layout="constrained")
        panels = figure.subplots(len(rows), 2, squeeze=False)
        names: list[str] = []
        for (left, right), (variant, outputs) in zip(panels, rows, strict=True):
            features, clusters = _points(outputs), outputs.pseudo_labels["cluster"].to_numpy(np.int64)
            places = t_sne(features, outputs.seed)
            classes = _classes(outputs)
            labelled = np.array([bool(name) for name in classes])
            names = sorted({name for name in classes if name})
            codes = np.array([names.index(name) if name else -1 for name in classes])
            numbers = matched(clusters[labelled], codes[labelled], clusters)
            _scatter(left, places, numbers)
            _scatter(right, places, codes)
            ari, silhouette = _told(features, clusters, codes)
            left.set_title(f"{variant}: its clusters{ari}")
            right.set_title(f"{variant}: the classes{silhouette}" if names else "no class is known")
            words.append(f"{variant}{ari}{silhouette}")
        if 0 < len(names) <= NAMED:
            handles = [_mark(number) for number in range(len(names))]
            figure.legend(handles, [shorten(name, 20) for name in names], loc="outside lower center", ncols=6)
    return DrawnFigure(
        figure,
        f"t-SNE of {len(codes)} training recordings, a row a variant. {'; '.join(words)}.",
        "t-SNE of the features by which recordings are told apart, once in the colours of the clusters, once in those "
        "of the classes; a cluster has the colour of the class that it fits best. Spectral clustering sees the "
        "standardised mean of the snippets, ours is what g_h says of a recording. ARI: agreement of clusters and "
        "classes. Silhouette: of the classes in the features themselves, from -1 to 1; more is more compact. Distances "
        "between groups of points, and their sizes, mean little in t-SNE.",
        f"All {len(codes)} training {'pieces' if is_cut(compared.judged.pseudo_labels) else 'recordings'}, seed "
        f"{compared.judged.seed}. A recording of several classes stands for the first of them in sorted order.",
    )


def _points(outputs: RunOutputs) -> npt.NDArray[np.floating]:
    """What the clusters of a run are made from: [N, ...], a row a piece of `pseudo_labels`."""
    store = FeatureStore(features_dir(outputs.dataset))
    localizer = load_model(RunPaths.of(outputs.run).model)
    settings = outputs.settings_of("train")
    classic = PseudoLabelParams.model_validate(settings["pseudo_labels"]).classic
    start = "deviation" if outputs.metrics["train"].get("start/pooling/deviation") == 1 else "mean"
    rows = []
    for video, start_at, end_at in outputs.pseudo_labels[["video", "start", "end"]].itertuples(index=False):
        features = _snippets(store, video, start_at, end_at)
        rows.append(
            pooled_mean(localizer, features)
            if classic
            else video_features(localizer, features, settings["video"], start)
        )
    points = np.stack(rows)
    return scaled(points, classic[1].scaling, localizer.network.shape.clusters) if classic else points


def _snippets(store: FeatureStore, video: str, start: float, end: float) -> Floats:
    """The features of a piece: of the snippets whose middle is in it."""
    features = store.read(video)
    middles = store.meta.times_of(video).middles(np.arange(len(features)))
    inside = (middles >= start) & (middles <= end)
    return features[inside] if inside.any() else features


def _classes(outputs: RunOutputs) -> list[str]:
    """The class of each piece's recording; empty where it has none."""
    videos = outputs.pseudo_labels["video"].tolist()
    known = read_labels({video: outputs.labels.get(video, []) for video in videos}, "first")
    return [known.get(video, "") for video in videos]


def matched(
    found: npt.NDArray[np.int64], expected: npt.NDArray[np.int64], clusters: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Clusters by the number of the class that each fits best, one to one; others have numbers after those of classes.

    Args:
        found, expected: [M], the cluster and the class of each labelled recording, from 0 on.
        clusters: [N], the cluster of every recording.

    >>> matched(np.array([7, 7, 3]), np.array([0, 0, 1]), np.array([7, 7, 3, 5])).tolist()
    [0, 0, 1, 2]
    """
    kinds, classes = np.unique(clusters), int(expected.max(initial=-1)) + 1
    table = np.array([[np.sum((found == kind) & (expected == c)) for c in range(classes)] for kind in kinds])
    chosen: dict[int, int] = {}
    if classes:
        for row, column in zip(*linear_sum_assignment(table, maximize=True), strict=True):
            chosen[int(kinds[row])] = int(column)
    for kind in kinds.tolist():
        chosen.setdefault(kind, max([classes - 1, *chosen.values()]) + 1)
    return np.array([chosen[kind] for kind in clusters.tolist()], dtype=np.int64)


def _told(
    features: npt.NDArray[np.floating], clusters: npt.NDArray[np.int64], codes: npt.NDArray[np.int64]
) -> tuple[str, str]:
    """ARI of the clusters and silhouette of the classes, in words; empty where no class is known."""
    known = codes >= 0
    kinds = len(set(codes[known].tolist()))
    if not 1 < kinds < known.sum():
        return "", ""
    ari = adjusted_rand_score(codes[known], clusters[known])
    return f", ARI {ari:.2f}", f", silhouette {silhouette_score(features[known], codes[known]):.2f}"


def _scatter(axes: Axes, places: npt.NDArray[np.float64], numbers: npt.NDArray[np.int64]) -> None:
    for number in sorted(set(numbers.tolist())):
        x, y = places[numbers == number].T
        axes.scatter(x, y, s=22, linewidths=0.3, edgecolors="white", **_style(number))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_box_aspect(1)
    axes.spines[:].set_visible(True)


def _style(number: int) -> dict[str, Any]:
    """The colour and mark of a number; -1, of no class, is pale."""
    if number < 0:
        return {"color": PALE, "marker": "."}
    return {
        "color": PALETTE[number % len(PALETTE)],
        "marker": MARKS[number // len(PALETTE) % len(MARKS)],
    }


def _mark(number: int) -> Line2D:
    return Line2D([], [], linestyle="", markersize=5, **_style(number))
