"""Poses as rows of numbers: whose, of which parts, relative to the body, and in its size."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from hcutal.data.problems import some
from hcutal.errors import HcutalError
from hcutal.extract.poses.tracked import AXES, Array, TrackedPoses
from hcutal.extract.vector_columns import is_named
from hcutal.extract.vector_gaps import VectorFrames, without_gaps
from hcutal.params.extractors import PoseFeatures

SPEED = "centre.speed"
REMEDY = "-o 'ignore=[{}]' leaves it out of all recordings"


def chosen_poses(path: Path, poses: TrackedPoses, params: PoseFeatures) -> TrackedPoses:
    """The poses of those who are asked for, without unlikely places; `HcutalError` where they are not there."""
    likely = poses.likely(params.likelihood)
    seen = likely.seen()
    if not seen.any():
        raise HcutalError(
            f"{path}: no part is seen with a likelihood of {params.likelihood:g} or more; expected poses"
        )
    count = len(poses.individuals)
    if params.individual == "all" or (params.individual == "one" and count == 1):
        return likely
    if params.individual == "one":
        chosen = likely.only(int(np.argmax(seen)))
        return replace(chosen, form=f"{poses.form}, of {count} individuals the one of whom most is seen")
    if params.individual not in poses.individuals:
        raise HcutalError(
            f"{path}: nobody is called {params.individual} (individual); there are {some(poses.individuals, 20)}"
        )
    chosen = likely.only(list(poses.individuals).index(params.individual))
    return replace(chosen, form=f"{poses.form}, individual {params.individual} of {count}")


def seen_parts(poses: TrackedPoses, params: PoseFeatures) -> list[str]:
    """The parts that are asked for and seen in some frame, with the individual before where there are several."""
    there = np.isfinite(poses.places).all(axis=3).any(axis=0).ravel()
    return [
        name
        for name, is_there in zip(_names(poses), there.tolist(), strict=True)
        if is_there and _is_wanted(_part(name), params)
    ]


def pose_frames(path: Path, poses: TrackedPoses, params: PoseFeatures) -> VectorFrames:
    """Rows of numbers at `fps`, without gaps, of poses that are chosen: columns `part.axis`.

    Gaps are filled first, so that a part which is hidden moves no centre.

    Raises:
        HcutalError: where a part that is asked for, or that most recordings have, is never seen.
    """
    names, seen = _names(poses), seen_parts(poses, params)
    kept = _kept(path, names, seen, params)
    frames, individuals, _, axes = poses.places.shape
    of = dict(zip(names, poses.places.reshape(frames, -1, axes).swapaxes(0, 1), strict=True))
    columns = [f"{name}.{axis}" for name in kept for axis in AXES[:axes]]
    table = pd.DataFrame(np.concatenate([of[name] for name in kept], axis=1), columns=columns)
    filled = without_gaps(path, table, None, params, [])
    places = filled.frames.reshape(len(filled.frames), len(kept), axes)
    values = _beside_body(path, places, kept, params)
    said = [
        poses.form,
        f"{params.fps:g} frames a second (fps)",
        *([f"{individuals} individuals side by side"] if individuals > 1 else []),
        f"{len(kept)} parts ({some(kept, 6)}) in {', '.join(AXES[:axes])}",
    ]
    unseen = [name for name in names if name not in seen and _is_wanted(_part(name), params)]
    rare = [name for name in seen if name not in kept]
    notes = [
        filled.note,
        f"left out: {some(unseen)}, never seen" if unseen else "",
        f"left out: {some(rare)}, never seen in most recordings" if rare else "",
    ]
    names_of = (*columns, SPEED) if values.shape[1] > len(columns) else tuple(columns)
    return VectorFrames(values, "; ".join(said), "; ".join(filter(None, notes)), names_of)


def _is_wanted(part: str, params: PoseFeatures) -> bool:
    return not is_named(part, params.ignore) and (params.parts is None or is_named(part, params.parts))


def _part(name: str) -> str:
    """The part in a name of `_names`."""
    return name.rpartition("/")[2]


def _names(poses: TrackedPoses) -> list[str]:
    """A name for each part of each individual: `part`, or `individual/part` where there are several."""
    if len(poses.individuals) == 1:
        return list(poses.parts)
    return [f"{individual}/{part}" for individual in poses.individuals for part in poses.parts]


def _kept(path: Path, names: Sequence[str], seen: Sequence[str], params: PoseFeatures) -> list[str]:
    for one in params.parts or []:
        if not any(is_named(_part(name), [one]) for name in seen):
            there = some(names, 20)
            raise HcutalError(f"{path}: no part {one} (parts) is seen; there are {there}")
    absent = [name for name in params.matched or [] if name not in seen]
    if absent:
        short = sorted({_part(name) for name in absent})
        raise HcutalError(
            f"{path}: {some(absent)} never seen, which most recordings have; {REMEDY.format(', '.join(short))}"
        )
    kept = list(params.matched or seen)
    if not kept:
        raise HcutalError(f"{path}: no part is left; there are {some(names, 20)}")
    return kept


def _beside_body(path: Path, places: Array, names: Sequence[str], params: PoseFeatures) -> Array:
    """Columns [n, D] of places [n, parts, axes] without gaps: relative to the centre, in units of the body's length.

    One part alone is no body: its places stay as they are.
    """
    if len(names) == 1:
        return places.reshape(len(places), -1)
    length = _length(path, places, names, params)
    if params.centre == "none":
        return places.reshape(len(places), -1) / length
    centre = places.mean(axis=1) if params.centre == "mean" else places[:, _index(path, names, params.centre)]
    steps = np.linalg.norm(np.diff(centre, axis=0, prepend=centre[:1]), axis=1)
    relative = (places - centre[:, None]).reshape(len(places), -1)
    return np.column_stack([relative, steps * params.fps]) / length


def _length(path: Path, places: Array, names: Sequence[str], params: PoseFeatures) -> float:
    if params.scale == "none":
        return 1.0
    if params.scale == "spread":
        apart = places - places.mean(axis=1, keepdims=True)
        found = float(np.median(np.sqrt((apart**2).sum(axis=2).mean(axis=1))))
    else:
        first, second = (places[:, _index(path, names, name)] for name in params.scale)
        found = float(np.median(np.linalg.norm(first - second, axis=1)))
    if not found > 0:
        raise HcutalError(
            f"{path}: the length of the body is {found:g} (scale: {params.scale}); expected parts that are apart, or "
            "-o scale=none"
        )
    return found


def _index(path: Path, names: Sequence[str], part: str) -> int:
    """The place of a part; of several individuals' that of the first."""
    found = [at for at, name in enumerate(names) if _part(name) == part or name == part]
    if not found:
        raise HcutalError(f"{path}: no part {part} (centre, scale); there are {some(names, 20)}")
    return found[0]
