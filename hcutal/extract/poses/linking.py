"""People whom a tool found in each frame by itself, followed from frame to frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hcutal.errors import HcutalError
from hcutal.extract.poses.tracked import Array, TrackedPoses, empty, numbered

# Who is not seen for more frames is somebody new when seen again.
PATIENCE = 30
# How far somebody moves at most from where they were last seen, in sizes of their body.
REACH = 2.0
# More would be noise, and fill the memory.
MOST = 200


@dataclass(frozen=True)
class Person:
    """Somebody in a frame: places [parts, axes], NaN where a part was not found, their likelihood, and who it is.

    identity: a number that the tool gave; -1 where it gave none.
    """

    places: Array
    likelihood: Array
    identity: int = -1


def linked(path: Path, form: str, people: Sequence[Sequence[Person]], parts: Sequence[str]) -> TrackedPoses:
    """People of each frame as individuals "0", "1" and so on, in the order in which they appear.

    In each frame those who are there are matched with those who were seen in the `PATIENCE` frames before, so that the
    sum of the mean distances of their parts is least (Hungarian algorithm). Who is farther than `REACH` sizes of the
    body (root mean square distance of the parts from their mean) is somebody new; of one part alone it is unknown.

    Raises `HcutalError` where nobody is there, or more than `MOST` come of it.
    """
    last: list[Array] = []
    moment: list[int] = []
    identities: list[list[int]] = []
    for frame, each in enumerate(people):
        there = [person.places for person in each]
        recent = [number for number, at in enumerate(moment) if frame - at <= PATIENCE]
        chosen = dict(_matched([last[number] for number in recent], there))
        found = []
        for index, places in enumerate(there):
            if index in chosen:
                number = recent[chosen[index]]
            else:
                number = len(last)
                last.append(places)
                moment.append(frame)
            # A part that is hidden now stays where it was.
            last[number] = np.where(np.isfinite(places), places, last[number])
            moment[number] = frame
            found.append(number)
        identities.append(found)
        if len(last) > MOST:
            raise HcutalError(
                f"{path}: more than {MOST} people, linked from frame to frame; expected poses that a tool has tracked"
            )
    return by_identity(path, form, people, identities, numbered(len(last)), parts)


def by_identity(
    path: Path,
    form: str,
    people: Sequence[Sequence[Person]],
    identities: Sequence[Sequence[int]],
    names: Sequence[str],
    parts: Sequence[str],
) -> TrackedPoses:
    """Poses of people whose numbers in `names` are known; `HcutalError` where there is nobody, or parts differ."""
    shapes = {person.places.shape for each in people for person in each}
    if not shapes:
        raise HcutalError(f"{path}: nobody in {len(people)} frames; expected poses")
    if len(shapes) > 1 or next(iter(shapes))[0] != len(parts):
        raise HcutalError(f"{path}: poses of {sorted(shapes)} numbers; expected {len(parts)} parts in each")
    places, likelihood = empty(len(people), len(names), *shapes.pop())
    for at, (each, numbers) in enumerate(zip(people, identities, strict=True)):
        for person, number in zip(each, numbers, strict=True):
            places[at, number], likelihood[at, number] = person.places, person.likelihood
    return TrackedPoses(form, places, likelihood, names, parts)


def _matched(before: Sequence[Array], now: Sequence[Array]) -> list[tuple[int, int]]:
    """Pairs of places in `now` and `before` that are of one person."""
    if not before or not now:
        return []
    # Slow to import: of other recordings, and of one person alone, nothing is matched.
    from scipy.optimize import linear_sum_assignment

    costs = np.array([[_distance(new, old) for old in before] for new in now])
    rows, columns = linear_sum_assignment(np.minimum(costs, 1e6))
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if costs[row, column] <= (REACH * _size(before[column]) or np.finfo(float).max)
    ]


def _distance(one: Array, other: Array) -> float:
    """The mean distance of the parts that both have; infinite where they have none in common."""
    apart = np.linalg.norm(one - other, axis=1)
    return float(apart[np.isfinite(apart)].mean()) if np.isfinite(apart).any() else np.inf


def _size(places: Array) -> float:
    there = places[np.isfinite(places).all(axis=1)]
    return float(np.sqrt(((there - there.mean(axis=0)) ** 2).sum(axis=1).mean())) if len(there) else 0.0
