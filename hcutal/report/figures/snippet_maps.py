"""Figure 7: embedded snippets as points, action against background, under each level.

Snippets are taken evenly spaced from all test recordings laid end to end, the same ones in every panel: neither a label
nor a result has a say in it. With `--recordings`, from those alone.
"""

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.neighbors import NearestNeighbors

from hcutal.data.store import FeatureStore
from hcutal.layout import RunPaths, features_dir
from hcutal.model.checkpoint import Localizer, load_model
from hcutal.report.figures.compared import ComparedRuns, DrawnFigure, NothingToDrawError
from hcutal.report.figures.learned_features import Floats, embedded_snippets
from hcutal.report.figures.projection import FEWEST, t_sne
from hcutal.report.kit.figure import styled

SNIPPETS = 1000
NEIGHBOURS = 10
ACTION, BACKGROUND = "#d55e00", "#0072b2"
Flags = npt.NDArray[np.bool_]
# The snippets of each recording that are shown.
Chosen = dict[str, npt.NDArray[np.intp]]


def draw_snippet_maps(compared: ComparedRuns) -> DrawnFigure:
    """A panel a variant: t-SNE of the same snippets as its network embeds them."""
    store = FeatureStore(features_dir(compared.judged.dataset))
    asked = compared.checked_recordings()
    known = set(store.available(compared.truth.videos["video"]))
    names = asked or sorted(known & set(compared.instances["video"]))
    chosen = evenly({name: store.length(name) for name in names}, SNIPPETS)
    action = np.concatenate([_is_action(compared, store, name, rows) for name, rows in chosen.items()])
    if len(action) < FEWEST or action.all() or not action.any():
        raise NothingToDrawError(
            f"{', '.join(names[:3])}: found {action.sum()} snippets of action of {len(action)}; expected some of "
            "action and some of background"
        )
    rows = (len(compared.runs) + 1) // 2
    spoken = []
    with styled():
        figure = Figure(figsize=(9.6, 4.5 * rows + 0.3), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False).ravel()
        for axes, (variant, outputs) in zip(panels, compared.runs.items(), strict=False):
            points = _embedded(load_model(RunPaths.of(outputs.run).model), store, chosen)
            share = same_kind(points, action)
            spoken.append(f"{variant} {share:.2f}")
            _draw(axes, t_sne(points, outputs.seed), action)
            axes.set_title(f"{variant}; same kind {share:.2f}")
        for axes in panels[len(compared.runs) :]:
            axes.set_axis_off()
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, markerscale=2)
    whole = "named recordings" if asked else "test recordings with instances"
    return DrawnFigure(
        figure,
        f"t-SNE of embedded snippets, action and background, a panel a variant. Same kind: {', '.join(spoken)}.",
        "t-SNE of the embedded features F_i of the same snippets in every panel. Same kind: how probable it is that "
        f"one of the {NEIGHBOURS} nearest snippets (in F_i, not in the picture) is of the same kind, the mean of "
        "action and background, rare or not: 0.5 is chance, 1 a clean separation.",
        f"{len(action):,} snippets, {action.sum():,} of them of action, evenly spaced over {len(names):,} {whole}; "
        f"seed {compared.judged.seed}.",
    )


def evenly(lengths: dict[str, int], most: int) -> Chosen:
    """Rows of recordings with so many snippets, evenly spaced over all of them laid end to end.

    >>> {name: rows.tolist() for name, rows in evenly({"a": 4, "b": 2}, most=3).items()}
    {'a': [0, 2], 'b': [0]}
    """
    total = sum(lengths.values())
    places = np.arange(min(most, total)) * total // max(min(most, total), 1)
    found, first = {}, 0
    for name, length in lengths.items():
        own = places[(places >= first) & (places < first + length)] - first
        first += length
        if len(own):
            found[name] = own
    return found


def same_kind(points: npt.NDArray[np.floating], action: Flags) -> float:
    """How probable it is that a near snippet is of the same kind: the mean of action and of background.

    Args:
        points: [N, E].
        action: [N].

    >>> same_kind(np.array([[0.0], [0.1], [5.0], [5.1]]), np.array([True, True, False, False]))
    1.0
    """
    # Other snippets are asked alone; where action is rare, few of a kind are to be had.
    count = int(min(NEIGHBOURS, action.sum() - 1, (~action).sum() - 1))
    if count < 1:
        return float("nan")
    near = NearestNeighbors(n_neighbors=count).fit(points).kneighbors(return_distance=False)
    same = action[near] == action[:, None]
    # Each kind has the same say at a point, however rare it is.
    weight = np.where(action[near], 1 / action.mean(), 1 / (~action).mean())
    shares = (same * weight).sum(axis=1) / weight.sum(axis=1)
    return float((shares[action].mean() + shares[~action].mean()) / 2)


def _is_action(compared: ComparedRuns, store: FeatureStore, name: str, rows: npt.NDArray[np.intp]) -> Flags:
    """Whether the middle of each snippet lies in an instance of its recording."""
    middles = store.meta.times_of(name).middles(rows)
    own = compared.instances[compared.instances["video"] == name]
    inside = np.zeros(len(rows), dtype=bool)
    for start, end in own[["start", "end"]].to_numpy(np.float64):
        inside |= (middles >= start) & (middles < end)
    return inside


def _embedded(localizer: Localizer, store: FeatureStore, chosen: Chosen) -> Floats:
    """The embedded features of the chosen snippets, [N, E]."""
    return np.concatenate(
        [embedded_snippets(localizer, store.read(name), rows) for name, rows in chosen.items()]
    )


def _draw(axes: Axes, places: npt.NDArray[np.float64], action: Flags) -> None:
    for kind, colour, name in ((~action, BACKGROUND, "background"), (action, ACTION, "action")):
        x, y = places[kind].T
        axes.scatter(x, y, s=7, color=colour, alpha=0.6, linewidths=0, label=name)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_box_aspect(1)
    axes.spines[:].set_visible(True)
