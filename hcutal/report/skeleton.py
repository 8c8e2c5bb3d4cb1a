"""Poses drawn as figures: the parts of a body as dots, joined where their distance changes least."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hcutal.errors import HcutalError

Floats = npt.NDArray[np.float64]
# Columns of the first and the second coordinate of a part.
AXES = (("x", "y"), ("0", "1"))
# A body has some parts, and not so many that they could not be told apart.
FEWEST, MOST = 3, 60
# Moments that are shown of a span, the room of each, and how much of it stays free.
MOMENTS, WIDE, HIGH, MARGIN = 5, 80.0, 72.0, 7.0
# Frames by which distances are judged.
LOOKED_AT = 400


@dataclass(frozen=True)
class Figures:
    """Figures side by side in `MOMENTS * WIDE` by `HIGH` units: dots as (x, y), bones as one path."""

    dots: Sequence[tuple[float, float]]
    bones: str


def draw_figures(
    names: Sequence[str], values: Floats, rate: float, span: tuple[float, float]
) -> Figures | None:
    """Figures at moments evenly within a span (s) of values [n, D] at `rate`; None where the columns are no poses."""
    columns = part_columns(names)
    if not FEWEST <= len(columns) <= MOST or not len(values):
        return None
    places = values[:, np.array(columns).ravel()].reshape(len(values), -1, 2)
    start, end = span
    moments = start + (end - start) * (np.arange(MOMENTS) + 0.5) / MOMENTS
    shown = places[np.clip((moments * rate).astype(np.intp), 0, len(places) - 1)]
    bones = joined_parts(places)
    fitted = _fitted(shown)
    lines = [
        f"M{figure[one][0]:g} {figure[one][1]:g}L{figure[other][0]:g} {figure[other][1]:g}"
        for figure in fitted
        for one, other in bones
    ]
    return Figures([(float(x), float(y)) for x, y in fitted.reshape(-1, 2)], "".join(lines))


def part_columns(names: Sequence[str]) -> list[tuple[int, int]]:
    """Where the first two coordinates of each part stand; empty where the columns are not called so.

    >>> part_columns(["nose.x", "nose.y", "tail.x", "tail.y", "centre.speed"])
    [(0, 1), (2, 3)]
    """
    place = {name: number for number, name in enumerate(names)}
    for first, second in AXES:
        parts = [name.removesuffix(f".{first}") for name in names if name.endswith(f".{first}")]
        found = [
            (place[f"{part}.{first}"], place[f"{part}.{second}"])
            for part in parts
            if f"{part}.{second}" in place
        ]
        if found:
            return found
    return []


def joined_parts(places: Floats) -> list[tuple[int, int]]:
    """Pairs of parts of poses [n, parts, 2]: a tree of those that are near each other, and stay as far apart."""
    # Slow to import, and only needed for poses.
    from scipy.sparse.csgraph import minimum_spanning_tree

    some = places[:: max(len(places) // LOOKED_AT, 1)]
    apart = np.linalg.norm(some[:, :, None] - some[:, None], axis=3)
    # No distance is 0, which would be no edge to the search.
    cost = apart.mean(axis=0) + 3 * apart.std(axis=0) + 1e-9
    if not np.isfinite(cost).all():
        raise HcutalError("places of poses are not finite; expected numbers")
    tree = minimum_spanning_tree(np.triu(cost, 1)).tocoo()
    return sorted(zip(tree.row.tolist(), tree.col.tolist(), strict=True))


def _fitted(shown: Floats) -> Floats:
    """Figures [moments, parts, 2] in the units of the drawing, all on one scale, each in the middle of its room."""
    low, high = shown.min(axis=1, keepdims=True), shown.max(axis=1, keepdims=True)
    size = float(np.max((high - low).max(axis=(0, 1)) / np.array([WIDE - 2 * MARGIN, HIGH - 2 * MARGIN])))
    middles = np.stack([WIDE * (np.arange(len(shown)) + 0.5), np.full(len(shown), HIGH / 2)], axis=1)
    scaled = (shown - (low + high) / 2) / (size or 1.0) + middles[:, None]
    return np.asarray(np.round(scaled, 1))
