"""SLEAP's files: analysis files (.h5), and projects with predictions or labels (.slp)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from hcutal.errors import HcutalError
from hcutal.extract.poses.linking import Person, by_identity, linked
from hcutal.extract.poses.tracked import Array, TrackedPoses, check_frames, numbered

# Later forms of .slp are other tables (sleap-io, SLP_FORMAT_ID_LIMIT).
NEWEST = 3.0
# The order of axes where a file does not say it: MATLAB's, as SLEAP exports.
EXPORTED = ("track", "xy", "node", "frame")
ORDER = ("frame", "track", "node", "xy")
USER = 0


def is_analysis(file: Any) -> bool:
    """Whether an open HDF5 file is one of SLEAP's analysis files."""
    return "tracks" in file and "node_names" in file


def is_project(file: Any) -> bool:
    """Whether an open HDF5 file is one of SLEAP's projects."""
    return all(name in file for name in ("frames", "instances", "pred_points", "metadata"))


def read_analysis(path: Path, file: Any) -> TrackedPoses:
    """Poses of an open analysis file; `HcutalError` where its arrays do not fit each other."""
    tracks = file["tracks"]
    order = tuple(orjson.loads(_bytes(tracks.attrs["dims"]))) if "dims" in tracks.attrs else EXPORTED
    if sorted(order) != sorted(ORDER) or tracks.ndim != len(ORDER):
        raise HcutalError(f"{path}: tracks {tracks.shape} of {', '.join(order)}; expected {', '.join(ORDER)}")
    places = np.transpose(tracks[()].astype(np.float64), [order.index(axis) for axis in ORDER])
    frames, individuals, parts, axes = places.shape
    scores = np.full(places.shape[:3], np.nan)
    if "point_scores" in file:
        rest = [axis for axis in order if axis != "xy"]
        scores = np.transpose(file["point_scores"][()], [rest.index(axis) for axis in ORDER[:3]])
    nodes = [_bytes(name).decode() for name in file["node_names"][()]]
    names = [_bytes(name).decode() for name in file["track_names"][()]] if "track_names" in file else []
    if scores.shape != places.shape[:3] or len(nodes) != parts or axes not in (2, 3) or not frames:
        raise HcutalError(
            f"{path}: {frames} frames, {parts} nodes of {axes} coordinates, {len(nodes)} names, scores {scores.shape}; "
            "expected arrays of one size"
        )
    names = names if len(names) == individuals else numbered(individuals)
    return TrackedPoses("SLEAP's analysis file", places, scores.astype(np.float64), names, nodes)


def read_project(path: Path, file: Any) -> TrackedPoses:
    """Poses of an open project of one film: in a frame, what a person labelled stands for what was predicted."""
    about = file["metadata"].attrs
    version = float(about.get("format_id", 1.0))
    if version >= NEWEST:
        raise HcutalError(
            f"{path}: SLEAP's format {version:g}; expected one before {NEWEST:g}: export an analysis file"
        )
    frames, instances = file["frames"][()], file["instances"][()]
    films = set(frames["video"].tolist())
    kinds = set(instances["skeleton"].tolist())
    if len(films) != 1 or len(kinds) != 1:
        raise HcutalError(
            f"{path}: poses of {len(films)} films and {len(kinds)} skeletons; expected one of each: export an analysis "
            "file of each film"
        )
    parts = _nodes(orjson.loads(_bytes(about["json"])), kinds.pop())
    points = {True: _points(file["points"][()]), False: _points(file["pred_points"][()])}
    people: list[list[Person]] = [[] for _ in range(check_frames(path, int(frames["frame_idx"].max())))]
    for frame in frames:
        found = instances[int(frame["instance_id_start"]) : int(frame["instance_id_end"])]
        people[int(frame["frame_idx"])] = [_person(one, points) for one in _standing(found)]
    names = (
        [orjson.loads(_bytes(text))[1] for text in file["tracks_json"][()]] if "tracks_json" in file else []
    )
    return _of_people(path, people, parts, names)


def _of_people(
    path: Path, people: Sequence[Sequence[Person]], parts: Sequence[str], names: Sequence[str]
) -> TrackedPoses:
    form = "SLEAP's project"
    tracks = [[person.identity for person in each] for each in people]
    if any(track < 0 for each in tracks for track in each):
        return linked(path, f"{form}, instances linked from frame to frame", people, parts)
    return by_identity(path, form, people, tracks, names, parts)


def _standing(instances: Any) -> list[Any]:
    """The instances of a frame, without the predictions in whose place a person put others."""
    users = [one for one in instances if one["instance_type"] == USER]
    replaced = {int(one["from_predicted"]) for one in users}
    tracks = {int(one["track"]) for one in users} - {-1}
    return users + [
        one
        for one in instances
        if one["instance_type"] != USER
        and int(one["instance_id"]) not in replaced
        and int(one["track"]) not in tracks
    ]


def _person(one: Any, points: Mapping[bool, tuple[Array, Array]]) -> Person:
    places, scores = points[bool(one["instance_type"] == USER)]
    at = slice(int(one["point_id_start"]), int(one["point_id_end"]))
    return Person(places[at], scores[at], int(one["track"]))


def _points(table: Any) -> tuple[Array, Array]:
    """Places [n, 2], NaN where not visible, and their scores [n], NaN where there are none."""
    places = np.stack([table["x"], table["y"]], axis=1).astype(np.float64)
    places[~table["visible"].astype(bool)] = np.nan
    scores = (
        table["score"].astype(np.float64) if "score" in table.dtype.names else np.full(len(table), np.nan)
    )
    return places, scores


def _nodes(metadata: Any, skeleton: int) -> list[str]:
    names = [str(node["name"]) for node in metadata["nodes"]]
    return [names[int(node["id"])] for node in metadata["skeletons"][skeleton]["nodes"]]


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)
